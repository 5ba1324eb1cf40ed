using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Journal;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Groups.Migration;

/// <summary>A client in the group of a <see cref="GroupStory"/> that keeps to its protocol. One of the classic protocol
/// gives everything up before it joins; the leader deals the partitions out in turn.</summary>
internal abstract class MixedClient(GroupStory story, string id)
{
    protected GroupStory Story => story;

    public string Id => id;

    /// <summary>The partitions of <c>orders</c> that it reads.</summary>
    public HashSet<int> Owned { get; protected set; } = [];

    /// <summary>Sends what is due, and takes note of the answer.</summary>
    public abstract void Beat();

    public abstract void Leave();

    /// <summary>It noticed that it is out.</summary>
    public abstract void Abandon();

    /// <summary>A member of the classic protocol.</summary>
    internal sealed class OfClassic(GroupStory story, string id, int partitions) : MixedClient(story, id)
    {
        private Ticket? _joining;
        private Ticket? _syncing;
        private int _generation;
        private bool _knowsItsId;

        public override void Beat()
        {
            if (_joining is { } joining)
                TakeJoin(joining);
            else if (_syncing is { } syncing)
                TakeShare(syncing);
            else if (!_knowsItsId)
                Join();
            else if (Story.Beat(Id, _generation) is var error and not ErrorCode.None)
                Rejoin(keepsId: error is ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration);
        }

        public override void Leave()
        {
            Story.Leave(Id);
            Abandon();
        }

        public override void Abandon()
        {
            Owned = [];
            (_joining, _syncing, _knowsItsId) = (null, null, false);
        }

        private void Rejoin(bool keepsId)
        {
            Abandon();
            _knowsItsId = keepsId;
            Join();
        }

        private void Join()
        {
            var protocol = new MemberProtocol("range", GroupRequests.Subscription("orders"));
            _joining = Story.Join(protocol, _knowsItsId ? Id : "", newId: Id);
            TakeJoin(_joining.Value);
        }

        private void TakeJoin(Ticket ticket)
        {
            if (!Story.Answers.TryGetValue(ticket, out var given))
                return;
            var answer = (JoinGroupResponse)given;
            _joining = null;
            switch (answer.ErrorCode)
            {
                case ErrorCode.None:
                    (_knowsItsId, _generation) = (true, answer.GenerationId);
                    _syncing = Story.Sync(Id, _generation, [.. Shares(answer)]);
                    TakeShare(_syncing.Value);
                    break;
                case ErrorCode.MemberIdRequired or ErrorCode.RebalanceInProgress:
                    _knowsItsId = true;
                    Join();
                    break;
                case ErrorCode.UnknownMemberId:
                    _knowsItsId = false;
                    break;
                default:
                    Assert.Fail($"{answer.ErrorCode}");
                    break;
            }
        }

        private void TakeShare(Ticket ticket)
        {
            if (!Story.Answers.TryGetValue(ticket, out var given))
                return;
            var answer = (SyncGroupResponse)given;
            _syncing = null;
            if (answer.ErrorCode == ErrorCode.None)
                Owned = [.. GroupRequests.PartitionsOf(answer.Assignment)];
            else
                Rejoin(keepsId: answer.ErrorCode != ErrorCode.UnknownMemberId);
        }

        private IEnumerable<(string, byte[])> Shares(JoinGroupResponse joined)
        {
            for (var i = 0; i < joined.Members.Count; i++)
            {
                var mine = Enumerable.Range(0, partitions).Where(partition => partition % joined.Members.Count == i);
                yield return (joined.Members[i].MemberId, GroupRequests.Share("orders", mine));
            }
        }
    }

    /// <summary>A member of the consumer protocol.</summary>
    internal sealed class OfConsumer(GroupStory story, string id, TopicId topic) : MixedClient(story, id)
    {
        private int _epoch;

        public override void Beat()
        {
            var answer = Story.Beat(new ConsumerGroupHeartbeatRequest
            {
                GroupId = GroupStory.Group,
                MemberId = Id,
                MemberEpoch = _epoch,
                RebalanceTimeoutMs = _epoch == 0 ? 60_000 : -1,
                SubscribedTopicNames = _epoch == 0 ? ["orders"] : null,
                TopicPartitions = Owned.Count == 0 ? [] : [new() { TopicId = topic, Partitions = [.. Owned.Order()] }],
            });
            switch (answer.ErrorCode)
            {
                case ErrorCode.None:
                    _epoch = answer.MemberEpoch;
                    if (answer.Assignment is { } assigned)
                        Owned = [.. assigned.TopicPartitions.SelectMany(partitions => partitions.Partitions)];
                    break;
                case ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch or ErrorCode.GroupIdNotFound:
                    Abandon();
                    break;
                default:
                    Assert.Fail($"{answer.ErrorCode}: {answer.ErrorMessage}");
                    break;
            }
        }

        public override void Leave()
        {
            if (_epoch > 0)
            {
                Story.Beat(new ConsumerGroupHeartbeatRequest
                {
                    GroupId = GroupStory.Group,
                    MemberId = Id,
                    MemberEpoch = -1,
                });
            }

            Abandon();
        }

        public override void Abandon() => (_epoch, Owned) = (0, []);
    }
}
