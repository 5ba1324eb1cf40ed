using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Where a position of a group is, and where it is to go.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Current">The position that is stored; null for none.</param>
/// <param name="New">The position it gets; null when it cannot be set.</param>
/// <param name="Refusal">Why it cannot; null when it can.</param>
/// <param name="Words">The same in words.</param>
internal sealed record PositionChange(
    TopicPartition Partition, Offset? Current, Offset? New, KafkaException? Refusal = null, string? Words = null);

/// <summary>Plans how positions are set, within what their partitions hold; shows the plan, and carries it
/// out.</summary>
internal sealed class PositionPlan(Session session, CancellationToken stop)
{
    private readonly Admin _admin = session.Client.Admin;

    /// <summary>Where positions go that are to stand at an offset of their own each.</summary>
    public async Task<List<PositionChange>> PlanAsync(
        string group, IReadOnlyDictionary<TopicPartition, Offset> wanted)
    {
        var stored = await _admin.GetGroupOffsetsAsync(group, stop: stop);
        var (present, absent) = await SortAsync(wanted.Keys);
        return await ClampAsync(present.ToDictionary(p => p, p => wanted[p]), stored, absent);
    }

    /// <summary>Where positions go that are all to go to one place, or on by as many records.</summary>
    public async Task<List<PositionChange>> PlanAsync(
        string group, IReadOnlyCollection<TopicPartition> partitions, ResetTarget target)
    {
        var stored = await _admin.GetGroupOffsetsAsync(group, stop: stop);
        var (present, refused) = await SortAsync(partitions);
        if (target.Shift is not null)
        {
            refused.AddRange(present.Where(p => !stored.ContainsKey(p)).Select(p => new PositionChange(
                p, null, null, new KafkaException(ErrorCode.ResourceNotFound),
                $"{p}: the group has no position that could be moved on; --to gives it one")));
            present = [.. present.Where(stored.ContainsKey)];
        }

        var found = target.Place is { } place
            ? await _admin.ListOffsetsAsync(present.Select(p => (p, place)), stop: stop)
            : await _admin.ListOffsetsAsync(present.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        var wanted = present.ToDictionary(p => p, p => (target, stored.TryGetValue(p, out var at)) switch
        {
            ({ Shift: { } shift }, _) => new Offset(Math.Max(0, at.Offset.Value + shift)),
            ({ Place: null }, true) => at.Offset,
            // A time behind all records has no offset: all of them are earlier.
            _ => found[p].Offset is { Value: >= 0 } offset ? offset : new Offset(long.MaxValue),
        });
        return await ClampAsync(wanted, stored, refused);
    }

    /// <summary>Shows changes, and carries them out if that is wanted.</summary>
    /// <param name="group">The group.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="outcomes">Takes in what came of each: partition, position, position to be, and by how much.</param>
    /// <param name="isDryRun">Whether only to show.</param>
    /// <param name="before">What stands before these cells.</param>
    public async Task RunAsync(
        string group, List<PositionChange> changes, Outcomes outcomes, bool isDryRun, params string[] before)
    {
        var wanted = changes.Where(c => c.New is not null)
            .ToDictionary(c => c.Partition, c => new CommittedOffset(c.New!.Value));
        var failures = isDryRun || wanted.Count == 0
            ? []
            : (await _admin.AlterGroupOffsetsAsync(group, wanted, stop)).ToDictionary(r => r.Partition, r => r.Failure);
        foreach (var change in changes.OrderBy(c => c.Partition))
        {
            var (partition, current, target) = (change.Partition, change.Current?.Value, change.New?.Value);
            object?[] cells =
                [.. before, partition.Topic, partition.Partition, current, target, target - (current ?? target)];
            if ((change.Refusal ?? failures.GetValueOrDefault(partition)) is { } failure)
                outcomes.Failed(failure, change.Words ?? $"{partition}: {Errors.Words(failure)}", cells);
            else
                outcomes.Done(isDryRun ? "valid" : "reset", cells);
        }
    }

    /// <summary>Tells partitions that exist from those that do not.</summary>
    private async Task<(List<TopicPartition> Present, List<PositionChange> Refused)> SortAsync(
        IEnumerable<TopicPartition> partitions)
    {
        var all = partitions.Order().ToList();
        var topics = await _admin.DescribeTopicsAsync([.. all.Select(p => p.Topic).Distinct()], stop);
        var sizes = topics.OfType<TopicView>().ToDictionary(t => t.Name, t => t.Partitions.Count);
        var isPresent = all.ToLookup(p => p.Partition < sizes.GetValueOrDefault(p.Topic));
        return ([.. isPresent[true]], [.. isPresent[false].Select(p => new PositionChange(
            p, null, null, new KafkaException(ErrorCode.UnknownTopicOrPartition),
            sizes.TryGetValue(p.Topic, out var size)
                ? $"{p}: the topic has {size} partitions"
                : $"{p}: topic '{p.Topic}' does not exist"))]);
    }

    /// <summary>Brings positions to where there are records: not before the first, not behind the last.</summary>
    private async Task<List<PositionChange>> ClampAsync(
        Dictionary<TopicPartition, Offset> wanted, IReadOnlyDictionary<TopicPartition, CommittedOffset> stored,
        List<PositionChange> refused)
    {
        var starts = await _admin.ListOffsetsAsync(wanted.Keys.Select(p => (p, OffsetSpec.Earliest)), stop: stop);
        var ends = await _admin.ListOffsetsAsync(wanted.Keys.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        var changes = new List<PositionChange>(refused);
        foreach (var (partition, offset) in wanted)
        {
            var (start, end) = (starts[partition].Offset, ends[partition].Offset);
            var within = Offset.Min(Offset.Max(offset, start), end);
            if (within != offset && offset.Value != long.MaxValue)
                session.Say($"{partition}: it holds {start.Value} to {end.Value}, not {offset.Value}");
            changes.Add(new(partition, stored.TryGetValue(partition, out var at) ? at.Offset : null, within));
        }

        return changes;
    }
}
