using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Consumer;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Groups.Consumer;

/// <summary>Random histories of members that join, stall, lose answers, leave, die and come back, while topics come and
/// grow: each as clients live it, not as the coordinator sees it.</summary>
public sealed class ConsumerHistoryTests
{
    private const int Steps = 200;
    private static readonly string[] Topics = ["t", "u", "v", "w"];

    public static readonly TheoryData<int> Seeds = [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_two_members_own_a_partition_and_in_the_end_all_are_owned(int seed)
    {
        var history = new History(seed);
        for (var step = 0; step < Steps; step++)
        {
            history.Step();
            history.Check();
            if (step % 20 == 0)
                history.CheckReplay();
        }

        history.Settle();
        history.CheckReplay();
    }

    private sealed class History
    {
        private readonly SimRandom _random;
        private readonly Coordinator _coordinator = new();
        private readonly List<Client> _clients = [];
        private int _names;

        public History(int seed)
        {
            _random = new((ulong)seed);
            _coordinator.Config = _coordinator.Config with { MaxSize = 6 };
        }

        public void Step()
        {
            _coordinator.Now += Pick(4_000);
            switch (Pick(20))
            {
                case 0:
                    var grown = Topics[Pick(Topics.Length)];
                    _coordinator.Topic(grown, PartitionsOf(grown) + 1 + Pick(4));
                    break;
                case 1:
                    var gone = Topics[Pick(Topics.Length)];
                    if (PartitionsOf(gone) > 0)
                        _coordinator.DeleteTopic(gone);
                    break;
                case 2 or 3 or 4:
                    _clients.Add(new($"m{++_names:000}", Pick(3) == 0 ? $"i{Pick(3)}" : null, Pick(16), Pick(4) == 0));
                    break;
                case 5 when _clients.Count > 0:
                    Leave(_clients[Pick(_clients.Count)]);
                    break;
                case 6 when _clients.Count > 0:
                    Die(_clients[Pick(_clients.Count)]);
                    break;
                case 7 when _clients.Count > 0:
                    _clients[Pick(_clients.Count)].Resubscribe(Pick(16), Pick(4) == 0);
                    break;
                case 8 when _clients.Count > 0:
                    Stall(_clients[Pick(_clients.Count)]);
                    break;
                default:
                    if (_clients.Count > 0)
                        Beat(_clients[Pick(_clients.Count)], loses: Pick(8) == 0);
                    break;
            }
        }

        public void Check()
        {
            if (_coordinator.Membership is not ConsumerGroup group)
                return;

            // What clients think that they own is theirs alone, and the coordinator knows of it.
            var owned = _clients
                .SelectMany(client => client.Owned.Select(partition => (partition, client.Id)))
                .ToList();
            Assert.Equal(owned.Count, owned.DistinctBy(pair => pair.partition).Count());
            Assert.All(owned, pair => Assert.Equal(pair.Id, group.Holders[pair.partition]));

            Assert.Equal(
                group.Members.Sum(member => member.Value.Assigned.Count + member.Value.Revoking.Count),
                group.Holders.Count);
        }

        /// <summary>The log gives the group, whole as well as compacted.</summary>
        public void CheckReplay()
        {
            var live = GroupText.Of(_coordinator.Membership as ConsumerGroup);
            Assert.Equal(live, GroupText.Of(GroupText.Replay("g", _coordinator.Log)));
            Assert.Equal(live, GroupText.Of(GroupText.Replay("g", Compacted())));
        }

        /// <summary>Lets all beat in peace: soon each owns its share, and nothing is written any more.</summary>
        public void Settle()
        {
            _coordinator.Config = _coordinator.Config with { MaxSize = 100 };
            _coordinator.Topic("t", 3);
            _clients.Add(new("last", null, 15, false));
            for (var round = 0; round < 8; round++)
            {
                _coordinator.Now += 11_000;
                foreach (var client in _clients.ToList())
                {
                    client.Reconcile();
                    Beat(client, loses: false);
                    Check();
                }
            }

            // Who left for a while, or was put in the place of, has no client any more.
            foreach (var member in _coordinator.Group.Members.Select(member => member.Key).ToList())
            {
                if (_clients.All(client => client.Id != member))
                    _coordinator.Ring(new SessionTimer("g", member));
            }

            for (var round = 0; round < 4; round++)
            {
                foreach (var client in _clients.ToList())
                {
                    client.Reconcile();
                    Beat(client, loses: false);
                }
            }

            var group = _coordinator.Group;
            Assert.Equal("Stable", group.StateName);
            Assert.Equal(
                group.Subscriptions.Sum(topic => PartitionsOf(topic.Key)),
                group.Holders.Count);
            Assert.All(group.Members, member => Assert.Equal(group.TargetOf(member.Key), member.Value.Assigned));
            var written = _coordinator.Log.Count;
            foreach (var client in _clients.ToList())
                Beat(client, loses: false);
            Assert.Equal(written, _coordinator.Log.Count);
        }

        private int PartitionsOf(string topic) =>
            _coordinator.Cluster.Topics.TryGetValue(topic, out var known) ? known.Partitions.Count : 0;

        private int Pick(int below) => _random.Next(below);

        private void Beat(Client client, bool loses)
        {
            if (Pick(3) == 0)
                client.Reconcile();
            var request = client.Request();
            var answer = _coordinator.Beat(request);

            // A member that the coordinator knows in a later epoch cannot join again before its session is over.
            if (answer.ErrorCode == ErrorCode.FencedMemberEpoch && request.MemberEpoch == 0)
                _coordinator.Ring(new SessionTimer("g", client.Id));
            if (loses && answer.ErrorCode == ErrorCode.None)
                client.LoseAnswer();
            else
                client.Take(answer);
            if (client.IsOut)
                _clients.Remove(client);
        }

        private void Leave(Client client)
        {
            if (client.Epoch > 0)
            {
                var forAWhile = client.Instance is not null && Pick(2) == 0;
                _coordinator.Leave(client.Id, forAWhile ? -2 : -1, client.Instance);
            }

            _clients.Remove(client);
        }

        private void Die(Client client)
        {
            _clients.Remove(client);
            if (_coordinator.Membership is ConsumerGroup)
                _coordinator.Ring(new SessionTimer("g", client.Id));
        }

        /// <summary>The client is silent until it is taken out, and only then hears of it.</summary>
        private void Stall(Client client)
        {
            if (_coordinator.Membership is not ConsumerGroup group || group.Find(client.Id) is not { } member)
                return;
            client.Abandon();
            if (!_coordinator.Ring(new RevocationTimer("g", client.Id, member.Epoch)))
                _coordinator.Ring(new SessionTimer("g", client.Id));
        }

        /// <summary>The log with the last record of every key alone.</summary>
        private IEnumerable<GroupRecord> Compacted() => _coordinator.Log
            .Cast<StoredRecord>()
            .Reverse()
            .DistinctBy(record => record.Key switch
            {
                ConsumerGroupMemberMetadataKey key => $"5 {key.MemberId}",
                ConsumerGroupTargetAssignmentMemberKey key => $"7 {key.MemberId}",
                ConsumerGroupCurrentMemberAssignmentKey key => $"8 {key.MemberId}",
                ConsumerGroupRegularExpressionKey key => $"16 {key.RegularExpression}",
                var key => $"{key.RecordType}",
            })
            .Reverse();
    }

    /// <summary>A client that keeps to the protocol.</summary>
    private sealed class Client(string id, string? instance, int topics, bool byPattern)
    {
        private int _topics = topics;
        private bool _byPattern = byPattern;
        private bool _hasNews = true;
        private HashSet<(TopicId Topic, int Partition)> _assigned = [];
        private HashSet<(TopicId Topic, int Partition)>? _told;

        public string Id => id;

        public string? Instance => instance;

        public int Epoch { get; private set; }

        public bool IsOut { get; private set; }

        public HashSet<(TopicId Topic, int Partition)> Owned { get; private set; } = [];

        public void Resubscribe(int topics, bool byPattern) =>
            (_topics, _byPattern, _hasNews) = (topics, byPattern, true);

        /// <summary>Gives up what it shall not own any more, and takes what it shall.</summary>
        public void Reconcile() => Owned = _assigned;

        public void Abandon() => (Owned, _assigned) = ([], []);

        /// <summary>Without an answer it cannot know whether it may still take what it was offered.</summary>
        public void LoseAnswer() => (_hasNews, _assigned, _told) = (true, [.. _assigned.Intersect(Owned)], null);

        public ConsumerGroupHeartbeatRequest Request()
        {
            var request = new ConsumerGroupHeartbeatRequest
            {
                GroupId = "g",
                MemberId = id,
                InstanceId = instance,
                MemberEpoch = Epoch,
                TopicPartitions = Epoch > 0 && _told?.SetEquals(Owned) == true ? null :
                [
                    .. Owned.GroupBy(pair => pair.Topic).Select(topic =>
                        new ConsumerGroupHeartbeatRequest.TopicPartitionsData
                        {
                            TopicId = topic.Key,
                            Partitions = [.. topic.Select(pair => pair.Partition)],
                        }),
                ],
            };
            _told = Owned;
            if (Epoch > 0 && !_hasNews)
                return request;
            var names = Topics.Where((_, topic) => (_topics >> topic & 1) > 0);
            request.RebalanceTimeoutMs = 60_000;
            request.SubscribedTopicNames = _byPattern ? [] : [.. names];
            request.SubscribedTopicRegex = _byPattern ? string.Join('|', names) : "";
            return request;
        }

        public void Take(ConsumerGroupHeartbeatResponse answer)
        {
            switch (answer.ErrorCode)
            {
                case ErrorCode.None:
                    (Epoch, _hasNews) = (answer.MemberEpoch, false);
                    if (answer.Assignment is { } assignment)
                    {
                        // It tells what it owns then, changed or not: that it gave up what it never took.
                        (_told, _assigned) = (null, [.. assignment.TopicPartitions.SelectMany(topic =>
                            topic.Partitions.Select(partition => (topic.TopicId, partition)))]);
                    }

                    break;
                case ErrorCode.FencedMemberEpoch or ErrorCode.UnknownMemberId:
                    (Epoch, _hasNews, _told) = (0, true, null);
                    Abandon();
                    break;
                case ErrorCode.GroupIdNotFound or ErrorCode.GroupMaxSizeReached or ErrorCode.UnreleasedInstanceId
                    or ErrorCode.FencedInstanceId:
                    IsOut = true;
                    Abandon();
                    break;
                default:
                    Assert.Fail($"{answer.ErrorCode}: {answer.ErrorMessage}");
                    break;
            }
        }
    }
}
