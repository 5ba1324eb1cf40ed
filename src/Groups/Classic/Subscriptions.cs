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
    public static PersistentMap<string, bool>? TopicsOf(ClassicGroup group)
    {
        if (group.Type != ClassicGroup.Consumers)
            return null;
        if (group.Members.Count == 0)
            return ClassicGroup.Nobody;
        var topics = ClassicGroup.Nobody.BeginEdit();
        foreach (var (_, member) in group.Members)
        {
            if (!TryRead(member.MetadataFor(group.Protocol), topics))
                return null;
        }

        return topics.Done();
    }

    private static bool TryRead(ReadOnlyMemory<byte> metadata, PersistentMap<string, bool>.Edit topics)
    {
        try
        {
            var r = new WireReader(metadata);
            // What a newer client adds stands behind what is known.
            var version = Math.Min(r.ReadInt16(), ConsumerProtocolSubscription.LastVersion);
            if (version < 0)
                return false;
            foreach (var topic in ConsumerProtocolSubscription.Read(ref r, version).Topics)
                topics.Set(topic, true);
            return true;
        }
        catch (MalformedFrameException)
        {
            return false;
        }
    }
}
