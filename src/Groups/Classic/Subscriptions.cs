using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>What consumers told their assignor, as far as the coordinator reads it: the topics they read.</summary>
internal static class Subscriptions
{
    /// <summary>The topics that members of a group read.</summary>
    /// <returns>Null where the group is none of consumers, or a member does not say it in the form of
    /// consumers.</returns>
    public static ImmutableHashSet<string>? TopicsOf(ClassicGroup group)
    {
        if (group.Type != ClassicGroup.Consumers)
            return null;
        if (group.Members.Count == 0)
            return [];
        var topics = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var (_, member) in group.Members)
        {
            if (!TryRead(member.MetadataFor(group.Protocol), topics))
                return null;
        }

        return topics.ToImmutable();
    }

    private static bool TryRead(ReadOnlyMemory<byte> metadata, ImmutableHashSet<string>.Builder topics)
    {
        try
        {
            var r = new WireReader(metadata);
            // What a newer client adds stands behind what is known.
            var version = Math.Min(r.ReadInt16(), ConsumerProtocolSubscription.LastVersion);
            if (version < 0)
                return false;
            foreach (var topic in ConsumerProtocolSubscription.Read(ref r, version).Topics)
                topics.Add(topic);
            return true;
        }
        catch (MalformedFrameException)
        {
            return false;
        }
    }
}
