using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>The heartbeats of a member of a consumer group (KIP-848): what the coordinator has been told of the member,
/// so that each says only what is new, and what it has told. Owned by the client's lane.</summary>
internal sealed class ConsumerBeat(ClientCore core, ConsumerOptions options)
{
    /// <summary>The first version in which members name themselves (KIP-1082).</summary>
    private const short FirstWithOwnIds = 1;

    private IReadOnlyList<(TopicId Topic, int Partition)> _assigned = [];
    private IReadOnlyList<TopicPartition>? _told;
    private bool _isNamed;

    /// <summary>The member's id.</summary>
    public string MemberId { get; private set; } = core.Host.Random.NextUuid().ToString();

    /// <summary>The epoch the member is at; 0 while it is none.</summary>
    public int Epoch { get; private set; }

    /// <summary>True while there is something in the assignment that has not been resolved to topics yet.</summary>
    public bool HasNews { get; private set; }

    /// <summary>True when the coordinator knows that the member has these partitions, and no others.</summary>
    public bool HasTold(IReadOnlyList<TopicPartition> owned) => _told?.SequenceEqual(owned) == true;

    /// <summary>The member is out of the group: it joins with the next beat.</summary>
    public void Forget() => (Epoch, _told, _assigned, HasNews) = (0, null, [], false);

    /// <summary>Beats once.</summary>
    /// <param name="use">Over which connection.</param>
    /// <param name="owned">What the member has now.</param>
    /// <exception cref="IOException">No answer came: what was told may not have arrived.</exception>
    /// <exception cref="KafkaException">The coordinator was not found, or does not have the protocol.</exception>
    public async Task<ConsumerGroupHeartbeatResponse> SendAsync(int use, IReadOnlyList<TopicPartition> owned)
    {
        var isWhole = _told is null;
        var request = new ConsumerGroupHeartbeatRequest
        {
            GroupId = options.GroupId,
            MemberEpoch = Epoch,
            InstanceId = options.InstanceId,
            RackId = isWhole && core.Options.Rack.Length > 0 ? core.Options.Rack : null,
            RebalanceTimeoutMs = isWhole ? (int)options.MaxPollInterval.TotalMilliseconds : -1,
            SubscribedTopicNames = isWhole ? [.. options.Topics] : null,
            SubscribedTopicRegex = isWhole ? options.Pattern : null,
            ServerAssignor = isWhole ? options.RemoteAssignor : null,
            TopicPartitions = HasTold(owned) ? null : ById(owned),
        };
        _told = null;
        var answer = await CallAsync(use, request);
        if (answer.ErrorCode == ErrorCode.None)
        {
            (MemberId, Epoch, _isNamed) = (answer.MemberId ?? MemberId, answer.MemberEpoch, true);
            _told = owned;
        }

        return answer;
    }

    /// <summary>Leaves.</summary>
    /// <param name="use">Over which connection.</param>
    /// <param name="how">The epoch that says so.</param>
    /// <exception cref="IOException">No answer came.</exception>
    public Task LeaveAsync(int use, int how) => CallAsync(use, new ConsumerGroupHeartbeatRequest
    {
        GroupId = options.GroupId,
        InstanceId = options.InstanceId,
        MemberEpoch = how,
    });

    /// <summary>Takes note of what the coordinator wants the member to have.</summary>
    public void Assigned(ConsumerGroupHeartbeatResponse.AssignmentData assignment) => (_assigned, HasNews) = (
        [.. assignment.TopicPartitions.SelectMany(t => t.Partitions.Select(p => (t.TopicId, p)))], true);

    /// <summary>The assignment by the names of topics, in order. Of a topic that the metadata does not show yet there
    /// is nothing in it: it comes with a later beat.</summary>
    public async Task<IReadOnlyList<TopicPartition>> ResolveAsync()
    {
        var unknown = _assigned.Select(a => a.Topic).Where(id => core.Metadata.View.Topic(id) is null).ToHashSet();
        if (unknown.Count > 0)
            await LearnAsync(unknown);
        var resolved = new List<TopicPartition>();
        foreach (var (id, partition) in _assigned)
        {
            if (core.Metadata.View.Topic(id) is { } topic)
                resolved.Add(new(topic.Name, partition));
        }

        HasNews = resolved.Count < _assigned.Count;
        resolved.Sort();
        return resolved;
    }

    private async Task LearnAsync(HashSet<TopicId> unknown)
    {
        try
        {
            var answer = await MetadataCall.AskAsync(
                core, options.Pattern is null ? options.Topics : null, mayCreate: false, core.ApiDeadline());
            foreach (var topic in answer.Topics.Where(t => t.Name is not null && unknown.Contains(t.TopicId)))
                await core.Metadata.TopicAsync(topic.Name!, core.ApiDeadline());
        }
        catch (KafkaException fault) when (fault.Code is ErrorCode.UnknownTopicOrPartition
            or ErrorCode.TopicAuthorizationFailed or ErrorCode.InvalidTopicException || fault.IsRetriable
            || fault is BrokersUnreachableException)
        {
            // The coordinator knows more than the broker that was asked.
        }
    }

    private Task<ConsumerGroupHeartbeatResponse> CallAsync(int use, ConsumerGroupHeartbeatRequest request) =>
        core.Coordinators.CallOnceAsync(
            options.GroupId, use, request, options.BeatTimeout(core.Options.RequestTimeout),
            new(version => request.MemberId = version < FirstWithOwnIds && !_isNamed ? "" : MemberId));

    private List<ConsumerGroupHeartbeatRequest.TopicPartitionsData> ById(IReadOnlyList<TopicPartition> owned) =>
    [
        .. from partition in owned
           let known = core.Metadata.View.Topic(partition.Topic)
           where known is not null
           group partition.Partition by known.Id into topic
           select new ConsumerGroupHeartbeatRequest.TopicPartitionsData
           {
               TopicId = topic.Key, Partitions = [.. topic],
           },
    ];
}
