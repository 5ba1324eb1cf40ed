using System.Text.RegularExpressions;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The topics that a classic member subscribes to: those it was given, or those that match its pattern, as
/// they come and go. Owned by the client's lane.</summary>
internal sealed class GroupSubscription(ClientCore core, ConsumerOptions options)
{
    private readonly Regex? _pattern = options.Pattern is { } pattern
        ? new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
        : null;

    private long _looked;

    /// <summary>The topics, as they were last looked up.</summary>
    public IReadOnlyList<string> Topics { get; private set; } = options.Topics;

    /// <summary>Looks which topics there are; true when the member subscribes to others than before.</summary>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public async Task<bool> RefreshAsync()
    {
        if (_pattern is null)
            return false;
        _looked = core.Host.Time.GetTimestamp();
        var answer = await MetadataCall.AskAsync(core, null, mayCreate: false, core.ApiDeadline());
        List<string> topics =
        [
            .. from topic in answer.Topics
               where topic is { ErrorCode: ErrorCode.None, IsInternal: false, Name: not null }
                   && _pattern.IsMatch(topic.Name)
               orderby topic.Name
               select topic.Name,
        ];
        if (topics.SequenceEqual(Topics))
            return false;
        Topics = topics;
        return true;
    }

    /// <summary>As <see cref="RefreshAsync"/>, no more often than metadata grows old.</summary>
    public async Task<bool> HasChangedAsync()
    {
        if (_pattern is null || core.Host.Time.GetElapsedTime(_looked) < core.Options.MetadataMaxAge)
            return false;
        try
        {
            return await RefreshAsync();
        }
        catch (KafkaException fault) when (fault.IsRetriable || fault is BrokersUnreachableException)
        {
            return false;
        }
    }
}
