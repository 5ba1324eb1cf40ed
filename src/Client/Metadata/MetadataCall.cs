using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Sends Metadata requests. Runs on the client's lane.</summary>
internal static class MetadataCall
{
    /// <summary>The first version that can forbid brokers to create the topics it names.</summary>
    private const short FirstWithAutoCreation = 4;

    /// <summary>Asks for topics.</summary>
    /// <param name="core">The client.</param>
    /// <param name="topics">Their names; null for all.</param>
    /// <param name="mayCreate">Whether a broker may create those that do not exist; old ones decide that alone.</param>
    /// <param name="deadline">When to give up.</param>
    public static Task<MetadataResponse> AskAsync(
        ClientCore core, IEnumerable<string>? topics, bool mayCreate, Deadline deadline)
    {
        var request = new MetadataRequest
        {
            Topics = topics is null
                ? null
                : [.. topics.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name })],
        };
        return core.CallAnyAsync(
            request, deadline, errorOf: null,
            version => request.AllowAutoTopicCreation = mayCreate || version < FirstWithAutoCreation);
    }
}
