using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Shows the cluster's state under the nodes of a classic Kafka cluster, for people and tools. Nothing is ever
/// read back from there.</summary>
/// <remarks>The leader writes, in the epoch it leads: what is still on its way from an earlier leader is refused. A new
/// leader writes everything and removes what is no more; from then on what changed. It lives on the lane of the
/// journal.</remarks>
public sealed class KeeperMirror : IAsyncDisposable
{
    // Writes under way at once; between them others get their turn.
    private const int Window = 32;
    private readonly Host _host;
    private readonly Lane _lane;
    private readonly KeeperJournal _journal;
    private readonly Machine<ClusterState, ITypedRecord> _machine;
    private readonly string _clusterId;
    private readonly ITimer _timer;
    private readonly Queue<Task<KeeperError>> _writes = new();
    private ClusterState? _shown;
    private Task _passing = Task.CompletedTask;
    private int _epoch;
    private bool _closed;

    /// <summary>A mirror that begins when the journal leads.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The journal's lane.</param>
    /// <param name="journal">Whose ensemble it writes to.</param>
    /// <param name="machine">Whose state it shows.</param>
    /// <param name="clusterId">The cluster's id.</param>
    /// <param name="interval">How often it looks whether something changed.</param>
    public KeeperMirror(
        Host host, Lane lane, KeeperJournal journal, Machine<ClusterState, ITypedRecord> machine, string clusterId,
        TimeSpan interval)
    {
        (_host, _lane, _journal, _machine, _clusterId) = (host, lane, journal, machine, clusterId);
        _timer = host.Time.CreateTimer(_ => lane.Post(Begin), null, interval, interval);
    }

    /// <summary>Ends it; what is shown stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _lane.RunAsync(async () =>
        {
            _closed = true;
            await _passing;
        });
    }

    private void Begin()
    {
        if (_passing.IsCompleted && !_closed)
            _passing = Lane.BeginHereAsync(PassAsync);
    }

    /// <summary>Shows what changed since the last pass; all where the lead is new.</summary>
    private async Task PassAsync()
    {
        if (_journal.LedEpoch is not { } epoch)
        {
            _shown = null;
            return;
        }

        var state = _machine.Committed.Visible;
        if (epoch == _epoch && ReferenceEquals(state, _shown))
            return;
        var isNew = epoch != _epoch || _shown is null;
        (_epoch, var before) = (epoch, isNew ? ClusterState.Empty : _shown!);
        // Not shown before all of it is: a pass that fails is repeated, and writing twice changes nothing.
        _shown = null;
        var good = !isNew || await BeginEpochAsync(state);
        good = good && await ShowBrokersAsync(before, state) && await ShowTopicsAsync(before, state)
            && await ShowConfigsAsync(before, state) && await EndWritesAsync(0);
        if (good)
            _shown = state;
        else
            await EndWritesAsync(0);
    }

    private async Task<bool> BeginEpochAsync(ClusterState state)
    {
        var good = true;
        foreach (var path in ClassicNodes.Skeleton)
            good = good && await PutAsync(path, []);
        return good
            && await PutAsync(ClassicNodes.ClusterId, ClassicNodes.OfCluster(_clusterId))
            && await PutAsync(ClassicNodes.ControllerEpoch, ClassicNodes.OfEpoch(_epoch))
            && await ShowControllerAsync()
            && await RemoveOthersAsync(
                ClassicNodes.Brokers, name => state.Brokers.Any(b => !b.Value.Fenced && b.Key.ToString() == name))
            && await RemoveOthersAsync(ClassicNodes.Topics, state.Topics.ContainsKey)
            && await RemoveOthersAsync(
                ClassicNodes.TopicConfigs, name => state.Configs[ConfigResource.Topic(name)].Count > 0);
    }

    // Ephemeral, as in classic clusters: without a controller there is none to be seen.
    private async Task<bool> ShowControllerAsync()
    {
        var controller = KeeperChange.Create(
            ClassicNodes.Controller, ClassicNodes.OfController(_journal.Self, _host.Time.GetUtcNow()),
            NodeKind.Ephemeral, _journal.ShownAcl);
        return await RemoveAsync(ClassicNodes.Controller)
            && await _journal.MirrorAsync(_epoch, controller) == KeeperError.None;
    }

    /// <summary>Removes children that an earlier leader showed and that are no more.</summary>
    private async Task<bool> RemoveOthersAsync(string above, Func<string, bool> isThere)
    {
        var children = await _journal.Session.GetChildrenAsync(above);
        if (!children.IsOk)
            return false;
        var good = true;
        foreach (var name in children.Value.Names.Where(name => !isThere(name)).Order(StringComparer.Ordinal))
            good = good && await RemoveAsync(KeeperPath.Child(above, name));
        return good;
    }

    // A broker that is fenced is one whose session is over: classic clusters do not show it.
    private async Task<bool> ShowBrokersAsync(ClusterState before, ClusterState state)
    {
        foreach (var change in state.Brokers.ChangesSince(before.Brokers))
        {
            var path = ClassicNodes.Broker(change.Key);
            var good = state.Brokers.TryGetValue(change.Key, out var broker) && !broker.Fenced
                ? await PutAsync(path, ClassicNodes.Of(broker))
                : await RemoveAsync(path);
            if (!good)
                return false;
        }

        return true;
    }

    private async Task<bool> ShowTopicsAsync(ClusterState before, ClusterState state)
    {
        foreach (var change in state.Topics.ChangesSince(before.Topics))
        {
            var good = state.Topics.TryGetValue(change.Key, out var topic)
                ? await ShowTopicAsync(before.Topics.TryGetValue(change.Key, out var old) ? old : null, topic)
                : await RemoveAsync(ClassicNodes.Topic(change.Key));
            if (!good)
                return false;
        }

        return true;
    }

    private async Task<bool> ShowTopicAsync(TopicState? before, TopicState topic)
    {
        // One that was deleted and made again is another: what was of the old one must not be taken for its own.
        var isNew = before is null || before.Id != topic.Id;
        if (before is not null && isNew && !await RemoveAsync(ClassicNodes.Topic(topic.Name)))
            return false;
        var good = await PutAsync(ClassicNodes.Topic(topic.Name), ClassicNodes.Of(topic))
            && (!isNew || await PutAsync(ClassicNodes.Partitions(topic.Name), []));
        var known = isNew ? PersistentMap<int, PartitionState>.Empty() : before!.Partitions;
        foreach (var change in topic.Partitions.ChangesSince(known))
        {
            var path = ClassicNodes.Partition(topic.Name, change.Key);
            good = good && (known.ContainsKey(change.Key) || await PutAsync(path, []))
                && await PutAsync($"{path}/state", ClassicNodes.Of(topic.Partitions[change.Key], _epoch));
        }

        return good;
    }

    private async Task<bool> ShowConfigsAsync(ClusterState before, ClusterState state)
    {
        foreach (var resource in state.Configs.ChangesSince(before.Configs))
        {
            if (resource.Type != ConfigResourceType.Topic)
                continue;
            var (path, configs) = (ClassicNodes.Config(resource.Name), state.Configs[resource]);
            if (!(configs.Count > 0 ? await PutAsync(path, ClassicNodes.Of(configs)) : await RemoveAsync(path)))
                return false;
        }

        return true;
    }

    /// <summary>Begins to write a node, and sees to earlier ones; they are done in order.</summary>
    private async Task<bool> PutAsync(string path, byte[] data)
    {
        _writes.Enqueue(WriteAsync(path, data));
        return await EndWritesAsync(Window - 1);
    }

    private async Task<bool> EndWritesAsync(int underWay)
    {
        var good = true;
        while (_writes.Count > underWay)
            good &= await _writes.Dequeue() == KeeperError.None;
        return good;
    }

    // Most are there: what is not is made, in the order in which it was asked for.
    private async Task<KeeperError> WriteAsync(string path, byte[] data)
    {
        var made = _journal.MirrorAsync(_epoch, KeeperChange.Create(path, data, acl: _journal.ShownAcl));
        var set = _journal.MirrorAsync(_epoch, KeeperChange.SetData(path, data));
        var error = await made;
        return error is KeeperError.None or KeeperError.NodeExists ? await set : error;
    }

    private async Task<bool> RemoveAsync(string path)
    {
        if (!await EndWritesAsync(0))
            return false;
        var children = await _journal.Session.GetChildrenAsync(path);
        if (children.Error == KeeperError.NoNode)
            return true;
        if (!children.IsOk)
            return false;
        foreach (var name in children.Value.Names.Order(StringComparer.Ordinal))
        {
            if (!await RemoveAsync(KeeperPath.Child(path, name)))
                return false;
        }

        var error = await _journal.MirrorAsync(_epoch, KeeperChange.Delete(path));
        return error is KeeperError.None or KeeperError.NoNode;
    }
}
