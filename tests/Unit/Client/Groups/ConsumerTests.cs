using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>Members of a group against a fake coordinator, in the simulator.</summary>
public sealed class ConsumerTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(8);
    private static readonly TopicPartition Zero = new("t", 0);

    private readonly FakeCluster _cluster = new FakeCluster().With("t", 4);
    private readonly FakeGroup _group;

    public ConsumerTests() => _group = new FakeGroup(_cluster);

    [Fact]
    public void One_member_reads_everything_and_goes_on_where_it_left() => _cluster.Run(async client =>
    {
        Fill(10);
        await using (var first = client.CreateConsumer<string, string>(Options()))
            Assert.Equal(40, (await TakeAsync(first, 40)).Distinct().Count());
        Assert.Empty(_group.Members);
        // The last one was not followed by a question for the next: it is not done with.
        Assert.Equal(39, _group.Offsets.Values.Sum());

        Fill(1);
        await using var second = client.CreateConsumer<string, string>(Options());
        Assert.Equal(5, (await TakeAsync(second, 5)).Distinct().Count());
    });

    [Fact]
    public void A_commit_covers_what_was_yielded() => _cluster.Run(async client =>
    {
        Fill(10);
        await using var consumer = client.CreateConsumer<string, string>(Options() with { AutoCommit = false });
        await TakeAsync(consumer, 40);
        Assert.Empty(_group.Offsets);
        await consumer.CommitAsync(FakeCluster.Never);
        Assert.Equal(40, _group.Offsets.Values.Sum());
    });

    [Fact]
    public void A_commit_whose_first_answer_was_lost_is_in_doubt_whatever_comes_later() => _cluster.Run(async client =>
    {
        Fill(1);
        await using var consumer = client.CreateConsumer<string, string>(Options() with { AutoCommit = false });
        await TakeAsync(consumer, 4);
        _cluster.Broker.DropNext(ApiKey.OffsetCommit);
        _cluster.Broker.Next<OffsetCommitRequest, OffsetCommitResponse>(static (request, _) =>
            FakeGroup.Answer(request, ErrorCode.UnknownMemberId));
        var refused = await Assert.ThrowsAsync<KafkaException>(() => consumer.CommitAsync(FakeCluster.Never));
        Assert.Equal((ErrorCode.UnknownMemberId, true), (refused.Code, refused.MayHaveBeenApplied));

        _cluster.Broker.Next<OffsetCommitRequest, OffsetCommitResponse>(static (request, _) =>
            FakeGroup.Answer(request, ErrorCode.UnknownMemberId));
        refused = await Assert.ThrowsAsync<KafkaException>(() => consumer.CommitAsync(FakeCluster.Never));
        Assert.False(refused.MayHaveBeenApplied);
    });

    [Fact]
    public void What_the_application_commits_is_not_taken_back_by_commits_in_the_background() =>
        _cluster.Run(async client =>
        {
            Fill(10);
            await using var consumer = client.CreateConsumer<string, string>(Options());
            await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
            {
                if (record.Offset.Value < 4)
                    continue;
                await consumer.CommitAsync(FakeCluster.Never);
                await Task.Delay(TimeSpan.FromSeconds(20), _cluster.Host.Time);
                Assert.Equal(record.Offset.Value + 1, _group.Offsets[record.Partition]);
                if (record.Offset.Value == 6)
                    break;
            }
        });

    [Fact]
    public void What_others_may_have_had_is_not_committed_before_the_application_knows() =>
        _cluster.Run(async client =>
        {
            Fill(10);
            await using var consumer = client.CreateConsumer<string, string>(Options());
            await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
            {
                if (record.Offset.Value < 4)
                    continue;
                _group.Kick(consumer.Member.MemberId);
                await Task.Delay(TimeSpan.FromSeconds(20), _cluster.Host.Time);
                var late = new Dictionary<TopicPartition, CommittedOffset> { [record.Partition] = new(new Offset(3)) };
                var fault = await Assert.ThrowsAsync<KafkaException>(
                    () => consumer.Member.CommitAsync(late, FakeCluster.Never));
                Assert.Equal(ErrorCode.RebalanceInProgress, fault.Code);
                break;
            }
        });

    [Fact]
    public void Nothing_is_committed_that_was_not_handled() => _cluster.Run(async client =>
    {
        Fill(10);
        await using var consumer = client.CreateConsumer<string, string>(Options());
        await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
        {
            if (record.Offset.Value < 4)
                continue;
            // Long enough for several commits.
            await Task.Delay(TimeSpan.FromSeconds(20), _cluster.Host.Time);
            Assert.True(_group.Offsets.GetValueOrDefault(record.Partition) <= 4);
            break;
        }
    });

    [Fact]
    public void What_was_handled_is_committed_while_the_member_waits() => _cluster.Run(async client =>
    {
        Fill(5);
        await using var member = new Reading(_cluster.Host, client, Options());
        await Task.Delay(Moment * 2, _cluster.Host.Time);
        Assert.Equal(20, member.Seen.Count);
        Assert.Equal(20, _group.Offsets.Values.Sum());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Members_share_and_the_others_get_what_one_leaves(bool isCooperative) => _cluster.Run(async client =>
    {
        var options = Options() with
        {
            Assignors = isCooperative ? [Assignors.CooperativeSticky] : [Assignors.Range, Assignors.CooperativeSticky],
        };
        await using var first = new Reading(_cluster.Host, client, options);
        await Task.Delay(Moment, _cluster.Host.Time);
        Assert.Equal(4, first.Owned.Count);
        var second = new Reading(_cluster.Host, client, options);
        await Task.Delay(Moment * 2, _cluster.Host.Time);
        Assert.Equal((2, 2), (first.Owned.Count, second.Owned.Count));
        Assert.Empty(first.Owned.Intersect(second.Owned));
        Fill(10);
        await Task.Delay(Moment, _cluster.Host.Time);
        Assert.Equal((20, 20), (first.Seen.Count, second.Seen.Count));
        await second.DisposeAsync();
        await Task.Delay(Moment * 2, _cluster.Host.Time);
        Assert.Equal(4, first.Owned.Count);
        Fill(1);
        await Task.Delay(Moment, _cluster.Host.Time);
        Assert.Equal(44, first.Seen.Concat(second.Seen).Distinct().Count());
        Assert.Equal((24, 20), (first.Seen.Count, second.Seen.Count));
        if (isCooperative)
            Assert.DoesNotContain(first.Changes, c => c.Kind == RebalanceKind.Revoked && c.Partitions.Count > 2);
    });

    [Fact]
    public void A_member_more_than_partitions_idles() => _cluster.Run(async client =>
    {
        var members = Enumerable.Range(0, 5).Select(_ => new Reading(_cluster.Host, client, Options())).ToList();
        await Task.Delay(Moment * 3, _cluster.Host.Time);
        Assert.Equal([0, 1, 1, 1, 1], members.Select(m => m.Owned.Count).Order());
        foreach (var member in members)
            await member.DisposeAsync();
    });

    [Fact]
    public void A_member_taken_for_dead_loses_its_partitions_and_joins_again() => _cluster.Run(async client =>
    {
        await using var member = new Reading(_cluster.Host, client, Options());
        await Task.Delay(Moment, _cluster.Host.Time);
        _group.Kick(_group.Members[0]);
        await Task.Delay(Moment * 2, _cluster.Host.Time);
        Assert.Equal(
            [RebalanceKind.Assigned, RebalanceKind.Lost, RebalanceKind.Assigned], member.Changes.Select(c => c.Kind));
        Assert.Equal(4, member.Owned.Count);
        Fill(3);
        await Task.Delay(Moment, _cluster.Host.Time);
        Assert.Equal(12, member.Seen.Count);
    });

    [Fact]
    public void Who_does_not_ask_for_long_leaves_and_comes_back_when_it_asks() => _cluster.Run(async client =>
    {
        Fill(2);
        var options = Options() with { MaxPollInterval = TimeSpan.FromSeconds(30) };
        await using var consumer = client.CreateConsumer<string, string>(options);
        var handled = 0;
        await foreach (var _ in consumer.ReadAllAsync(FakeCluster.Never))
        {
            if (handled == 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(20), _cluster.Host.Time);
                Assert.Single(_group.Members);
                await Task.Delay(TimeSpan.FromSeconds(40), _cluster.Host.Time);
                Assert.Empty(_group.Members);
            }

            // The first one comes again: it was not committed when the member left.
            if (++handled == 9)
                break;
        }

        Assert.Single(_group.Members);
    });

    [Fact]
    public void A_rebalance_waits_until_the_record_at_hand_is_handled() => _cluster.Run(async client =>
    {
        Fill(2);
        var changes = new List<RebalanceChange>();
        var committed = new List<long>();
        await using var slow = client.CreateConsumer<string, string>(Options() with
        {
            Rebalanced = (change, _) =>
            {
                changes.Add(change);
                committed.Add(_group.Offsets.Values.Sum());
                return Task.CompletedTask;
            },
        });
        Reading? other = null;
        await foreach (var record in slow.ReadAllAsync(FakeCluster.Never))
        {
            if (other is null)
            {
                other = new Reading(_cluster.Host, client, Options());
                await Task.Delay(Moment, _cluster.Host.Time);
                Assert.Equal([RebalanceKind.Assigned], changes.Select(c => c.Kind));
                Assert.Empty(other.Owned);
            }
            else if (changes.Count > 2)
            {
                break;
            }
        }

        Assert.Equal(
            [RebalanceKind.Assigned, RebalanceKind.Revoked, RebalanceKind.Assigned], changes.Select(c => c.Kind));
        Assert.Equal([0, 1, 1], committed);
        await other!.DisposeAsync();
    });

    [Fact]
    public void Paused_partitions_wait_and_others_go_on() => _cluster.Run(async client =>
    {
        Fill(5);
        await using var consumer = client.CreateConsumer<string, string>(Options());
        var seen = new List<TopicPartition>();
        await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
        {
            seen.Add(record.Partition);
            if (seen.Count == 1)
                await consumer.Member.PauseAsync(record.Partition);
            if (seen.Count == 16)
            {
                Assert.Single(seen, seen[0]);
                Assert.Equal([seen[0]], await consumer.Member.GetPausedAsync());
                Assert.Equal(new Offset(1), await consumer.Member.GetPositionAsync(seen[0]));
                await consumer.Member.ResumeAsync(seen[0]);
            }

            if (seen.Count == 20)
                break;
        }

        Assert.All(seen.CountBy(p => p), p => Assert.Equal(5, p.Value));
    });

    [Fact]
    public void Seeking_reads_from_there_and_never_what_was_fetched_before() => _cluster.Run(async client =>
    {
        Fill(6);
        await using var consumer = client.CreateConsumer<string, string>(Options());
        var offsets = new List<long>();
        await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
        {
            if (record.Partition != Zero)
                continue;
            offsets.Add(record.Offset.Value);
            if (offsets.Count == 2)
                await consumer.Member.SeekAsync(Zero, OffsetSpec.At(4));
            else if (offsets.Count == 4)
                await consumer.Member.SeekAsync(Zero, OffsetSpec.Earliest);
            else if (offsets.Count == 6)
                break;
        }

        Assert.Equal([0, 1, 4, 5, 0, 1], offsets);
    });

    [Fact]
    public void Who_goes_back_finds_itself_there_again() => _cluster.Run(async client =>
    {
        Fill(6);
        await using (var consumer = client.CreateConsumer<string, string>(Options()))
        {
            await TakeAsync(consumer, 24);
            await consumer.Member.CommitAsync(FakeCluster.Never);
            await consumer.Member.SeekAsync(Zero, OffsetSpec.At(2));
            await TakeAsync(consumer, 2);
        }

        // The last one was not followed by a question for the next: it is not done with.
        Assert.Equal(3, _group.Offsets[Zero]);
    });

    [Fact]
    public void A_group_without_a_position_begins_where_it_is_told_to() => _cluster.Run(async client =>
    {
        Fill(3);
        var latest = Options() with { Reading = new() { OffsetReset = OffsetReset.Latest } };
        await using (var member = new Reading(_cluster.Host, client, latest))
        {
            await Task.Delay(Moment, _cluster.Host.Time);
            Fill(1);
            await Task.Delay(Moment, _cluster.Host.Time);
            Assert.Equal(4, member.Seen.Count);
        }

        _group.Offsets.Clear();
        await using var strict = client.CreateConsumer<string, string>(
            Options() with { Reading = new() { OffsetReset = null } });
        var fault = await Assert.ThrowsAsync<KafkaException>(() => TakeAsync(strict, 1));
        Assert.Equal(ErrorCode.OffsetOutOfRange, fault.Code);
    });

    [Fact]
    public void A_group_that_refuses_a_member_ends_its_reading() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<JoinGroupRequest, JoinGroupResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.InconsistentGroupProtocol });
        await using var consumer = client.CreateConsumer<string, string>(Options());
        var fault = await Assert.ThrowsAsync<KafkaException>(() => TakeAsync(consumer, 1));
        Assert.Equal((ErrorCode.InconsistentGroupProtocol, true), (fault.Code, fault.IsFatal));
    });

    [Fact]
    public void A_coordinator_that_moves_is_found_again() => _cluster.Run(async client =>
    {
        await using var member = new Reading(_cluster.Host, client, Options());
        await Task.Delay(Moment, _cluster.Host.Time);
        var lookups = _cluster.Broker.Of<FindCoordinatorRequest>().Count;
        _cluster.Broker.Next<HeartbeatRequest, HeartbeatResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.NotCoordinator });
        await Task.Delay(Moment, _cluster.Host.Time);
        Assert.Equal(lookups + 1, _cluster.Broker.Of<FindCoordinatorRequest>().Count);
        Assert.Equal([RebalanceKind.Assigned], member.Changes.Select(c => c.Kind));

        _cluster.Broker.Cut();
        await Task.Delay(Moment, _cluster.Host.Time);
        Fill(1);
        await Task.Delay(Moment, _cluster.Host.Time);
        Assert.Equal(4, member.Seen.Count);
        Assert.Equal([RebalanceKind.Assigned], member.Changes.Select(c => c.Kind));
    });

    [Fact]
    public void Options_have_their_Java_names()
    {
        var options = new ConsumerOptions("x", "t").With(new Dictionary<string, string>
        {
            ["group.id"] = "g",
            ["partition.assignment.strategy"] = "cooperative-sticky,org.apache.kafka.clients.consumer.RangeAssignor",
            ["max.poll.interval.ms"] = "1000",
            ["enable.auto.commit"] = "false",
            ["auto.offset.reset"] = "earliest",
        });
        Assert.Equal(
            ("g", TimeSpan.FromSeconds(1), false, OffsetReset.Earliest),
            (options.GroupId, options.MaxPollInterval, options.AutoCommit, options.Reading.OffsetReset));
        Assert.Equal(["cooperative-sticky", "range"], options.Assignors.Select(a => a.Name));
        Assert.True(KafkaClientOptions.IsKnownProperty("group.instance.id"));
    }

    private static ConsumerOptions Options() => new("g", "t")
    {
        Reading = new() { OffsetReset = OffsetReset.Earliest },
        HeartbeatInterval = TimeSpan.FromSeconds(1),
    };

    private void Fill(int records)
    {
        for (var partition = 0; partition < 4; partition++)
        {
            for (var i = 0; i < records; i++)
                _cluster.Append("t", partition, Node.NodeStory.Batch($"{partition}-{i}"));
        }
    }

    private static async Task<List<(TopicPartition, Offset)>> TakeAsync(Consumer<string, string> consumer, int count)
    {
        var taken = new List<(TopicPartition, Offset)>();
        await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
        {
            taken.Add((record.Partition, record.Offset));
            if (taken.Count == count)
                break;
        }

        return taken;
    }
}
