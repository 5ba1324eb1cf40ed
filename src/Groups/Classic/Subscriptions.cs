using Barnabas.Base;

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
            if (EmbeddedProtocol.ReadSubscription(member.MetadataFor(group.Protocol)) is not { } subscription)
                return null;
            foreach (var topic in subscription.Topics)
                topics.Set(topic, true);
        }

        return topics.Done();
    }
}
