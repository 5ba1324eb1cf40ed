using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The topics that a group reads, as the member that leads it knows them: when they change, the partitions are
/// shared out anew. Owned by the client's lane.</summary>
internal sealed class GroupTopics(ClientCore core)
{
    private Dictionary<string, int> _counts = [];
    private HashSet<string> _names = [];
    private long _checked;

    /// <summary>Forgets them: another member leads.</summary>
    public void Forget() => (_names, _counts) = ([], []);

    /// <summary>Learns how many partitions topics have, and watches them from now on.</summary>
    /// <returns>By topic; those that do not exist are left out.</returns>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public async Task<IReadOnlyDictionary<string, int>> WatchAsync(IEnumerable<string> topics)
    {
        _names = [.. topics];
        _counts = await CountAsync();
        return _counts;
    }

    /// <summary>True when they have changed since; looked at no more often than metadata grows old.</summary>
    public async Task<bool> HaveChangedAsync()
    {
        if (_names.Count == 0 || core.Host.Time.GetElapsedTime(_checked) < core.Options.MetadataMaxAge)
            return _counts.Any(c => core.Metadata.View.Topic(c.Key) is { } topic && topic.Partitions.Count != c.Value);
        try
        {
            await core.Metadata.RefreshAsync(core.ApiDeadline());
            var counts = await CountAsync();
            return counts.Count != _counts.Count
                || counts.Any(c => _counts.GetValueOrDefault(c.Key, -1) != c.Value);
        }
        catch (KafkaException fault) when (fault.IsRetriable || fault is BrokersUnreachableException)
        {
            return false;
        }
    }

    private async Task<Dictionary<string, int>> CountAsync()
    {
        _checked = core.Host.Time.GetTimestamp();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in _names.Order(StringComparer.Ordinal))
        {
            try
            {
                counts[name] = (await core.Metadata.TopicAsync(name, core.ApiDeadline())).Partitions.Count;
            }
            catch (KafkaException fault) when (fault.Code is ErrorCode.UnknownTopicOrPartition
                or ErrorCode.TopicAuthorizationFailed or ErrorCode.InvalidTopicException)
            {
                // Nobody gets what is not there.
            }
        }

        return counts;
    }
}
