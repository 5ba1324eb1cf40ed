using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Replication;

/// <summary>Takes the proposals of the partitions led here to the controller: one request at a time, with all that
/// wait in it.</summary>
/// <remarks>Nothing is tried again here: whoever proposed knows whether it still wants to.</remarks>
/// <param name="host">The machine.</param>
/// <param name="self">This broker.</param>
/// <param name="brokerEpoch">The epoch of its registration. From any lane.</param>
internal sealed class IsrProposals(Host host, BrokerId self, Func<long> brokerEpoch)
{
    private readonly Lane _lane = host.Lanes.NewLane("isr");
    private List<(IsrProposal Proposal, TaskCompletionSource<IsrAnswer> Answer)> _waiting = [];
    private bool _isSending;

    /// <summary>The way to the controller, wherever it is; null where there is none. It answers with an error where
    /// the controller cannot be reached.</summary>
    public Func<AlterPartitionRequest, Task<AlterPartitionResponse>>? Send { get; set; }

    /// <summary>Proposes. From any lane.</summary>
    /// <returns>The cluster's word; NOT_CONTROLLER where it was not to be had.</returns>
    public Task<IsrAnswer> ProposeAsync(IsrProposal proposal)
    {
        // Plain: whoever proposes is on a lane of its own and goes on there.
        var answer = new TaskCompletionSource<IsrAnswer>();
        _lane.Post(() =>
        {
            _waiting.Add((proposal, answer));
            if (!_isSending)
                SendWaiting();
        });
        return answer.Task;
    }

    private async void SendWaiting()
    {
        _isSending = true;
        while (_waiting.Count > 0)
        {
            var taken = _waiting;
            _waiting = [];
            var response = await AskAsync(Request(taken.Select(entry => entry.Proposal)));
            var answers = Answers(response);
            foreach (var (proposal, answer) in taken)
                answer.SetResult(Find(answers, response.ErrorCode, proposal));
        }

        _isSending = false;
    }

    private async Task<AlterPartitionResponse> AskAsync(AlterPartitionRequest request)
    {
        try
        {
            if (Send is { } send)
                return await send(request);
        }
        catch (IOException)
        {
            // The connection to the controller is lost: what it did about the request is not known.
        }

        return new AlterPartitionResponse { ErrorCode = ErrorCode.NotController };
    }

    private AlterPartitionRequest Request(IEnumerable<IsrProposal> proposals) => new()
    {
        BrokerId = self,
        BrokerEpoch = brokerEpoch(),
        Topics = [.. proposals.GroupBy(proposal => proposal.Topic).Select(topic => new AlterPartitionRequest.TopicData
        {
            TopicId = topic.Key,
            Partitions = [.. topic.Select(proposal => new AlterPartitionRequest.PartitionData
            {
                PartitionIndex = proposal.Partition,
                LeaderEpoch = proposal.LeaderEpoch,
                PartitionEpoch = proposal.PartitionEpoch,
                NewIsrWithEpochs = [.. proposal.Isr.Select(member => new AlterPartitionRequest.BrokerState
                {
                    BrokerId = member.Broker,
                    BrokerEpoch = member.Epoch,
                })],
                // A leader that was elected uncleanly has nothing to recover: its log is the truth (KIP-704).
                LeaderRecoveryState = (sbyte)LeaderRecoveryState.Recovered,
            })],
        })],
    };

    private static Dictionary<(TopicId, int), IsrAnswer> Answers(AlterPartitionResponse response) =>
        response.Topics.SelectMany(
            topic => topic.Partitions,
            (topic, partition) => KeyValuePair.Create(
                (topic.TopicId, partition.PartitionIndex),
                new IsrAnswer(
                    partition.ErrorCode, partition.LeaderEpoch, partition.PartitionEpoch, [.. partition.Isr])))
            .DistinctBy(static answer => answer.Key).ToDictionary();

    private static IsrAnswer Find(
        Dictionary<(TopicId, int), IsrAnswer> answers, ErrorCode error, IsrProposal proposal)
    {
        if (error != ErrorCode.None)
            return IsrAnswer.Refused(error);
        return answers.GetValueOrDefault((proposal.Topic, proposal.Partition))
            ?? IsrAnswer.Refused(ErrorCode.UnknownServerError);
    }
}
