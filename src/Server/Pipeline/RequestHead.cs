using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>A request's header, v1 or v2.</summary>
internal readonly record struct RequestHead(ApiKey ApiKey, short Version, int CorrelationId, string? ClientId)
{
    /// <summary>Reads what all versions begin with: whether the rest can be read depends on it.</summary>
    internal static RequestHead ReadStart(ref WireReader reader) =>
        new((ApiKey)reader.ReadInt16(), reader.ReadInt16(), reader.ReadInt32(), null);

    /// <summary>Reads the rest.</summary>
    /// <param name="reader">Behind the start.</param>
    /// <param name="flexible">True when the request's version is flexible: then the header has tagged fields
    /// (v2).</param>
    /// <param name="clientId">What the client called itself the last time.</param>
    internal RequestHead ReadRest(ref WireReader reader, bool flexible, string? clientId)
    {
        // The client's id kept its old form when the header became flexible, so that any header can be read
        // so far.
        var head = this with { ClientId = reader.ReadNullableString(flexible: false, clientId) };
        if (!flexible)
            return head;
        var last = -1;
        for (var tags = reader.ReadTagCount(); tags > 0; tags--)
        {
            var (_, end) = reader.BeginTag(ref last);
            reader.ReadUntil(end);
        }

        return head;
    }
}
