using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>What came of joining a group.</summary>
/// <param name="Assignment">The member's share; null when it must join again.</param>
/// <param name="IsLost">True when what the member had may be others' by now.</param>
/// <param name="Failures">How many times it has failed in a row.</param>
internal readonly record struct JoinOutcome(
    IReadOnlyList<TopicPartition>? Assignment, bool IsLost = false, int Failures = 0);

/// <summary>Joins a classic group and hears the member's share; the member that leads shares out. Owned by the client's
/// lane.</summary>
internal sealed class GroupJoin(ClientCore core, ConsumerOptions options, int use)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly GroupTopics _topics = new(core);
    private readonly GroupSubscription _subscription = new(core, options);
    private IReadOnlyList<TopicPartition> _lastShare = [];
    private int _lastGeneration = -1;
    private int _failures;

    /// <summary>The member's id; empty before the coordinator has given one.</summary>
    public string MemberId { get; private set; } = "";

    /// <summary>The generation the member is in; -1 for none.</summary>
    public int Generation { get; private set; } = -1;

    /// <summary>Forgets the generation, and the member's id too if the group knows it no more.</summary>
    public void Forget(bool isMember)
    {
        Generation = -1;
        if (!isMember)
            MemberId = "";
    }

    /// <summary>True when the member subscribes to other topics by now; or, where it leads, when the topics that the
    /// group reads have got more partitions, or have come or gone.</summary>
    public async Task<bool> HaveTopicsChangedAsync() =>
        await _subscription.HasChangedAsync() || await _topics.HaveChangedAsync();

    /// <summary>Joins once.</summary>
    /// <param name="owned">What the member has while it joins; nothing where the protocol is eager.</param>
    /// <param name="leaves">True when the member is on its way out.</param>
    /// <exception cref="KafkaException">The group will not have the member, whatever it does.</exception>
    public async Task<JoinOutcome> RunAsync(IReadOnlyList<TopicPartition> owned, Func<bool> leaves)
    {
        try
        {
            await _subscription.RefreshAsync();
            var answer = await JoinAsync(owned);
            if (answer.ErrorCode == ErrorCode.MemberIdRequired && !leaves())
            {
                MemberId = answer.MemberId;
                answer = await JoinAsync(owned);
            }

            if (answer.ErrorCode != ErrorCode.None)
                return Refused(answer.ErrorCode);
            (MemberId, Generation) = (answer.MemberId, answer.GenerationId);
            var share = await SyncAsync(answer);
            if (share.ErrorCode != ErrorCode.None)
                return Refused(share.ErrorCode);
            (_lastShare, _lastGeneration) = (ConsumerProtocol.ReadAssignment(share.Assignment), Generation);
            _failures = 0;
            return new(_lastShare);
        }
        catch (IOException)
        {
            return new(null, Failures: _failures++);
        }
        catch (KafkaException fault) when (fault.IsRetriable || fault is BrokersUnreachableException)
        {
            return new(null, Failures: _failures++);
        }
    }

    private Task<JoinGroupResponse> JoinAsync(IReadOnlyList<TopicPartition> owned) => core.Coordinators.CallOnceAsync(
        options.GroupId, use, new JoinGroupRequest
        {
            GroupId = options.GroupId,
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            RebalanceTimeoutMs = (int)options.MaxPollInterval.TotalMilliseconds,
            MemberId = MemberId,
            GroupInstanceId = options.InstanceId,
            ProtocolType = ConsumerProtocol.Type,
            Protocols = [.. options.Assignors.Select(a => new JoinGroupRequest.JoinGroupRequestProtocol
            {
                Name = a.Name, Metadata = Subscription(a, owned),
            })],
        },
        options.MaxPollInterval + Grace);

    private byte[] Subscription(IPartitionAssignor assignor, IReadOnlyList<TopicPartition> owned) =>
        ConsumerProtocol.Write(new MemberSubscription(MemberId, options.InstanceId, _subscription.Topics)
        {
            Owned = owned,
            Generation = Generation,
            Rack = core.Options.Rack.Length > 0 ? core.Options.Rack : null,
            UserData = assignor.UserData(_lastShare, _lastGeneration),
        });

    private async Task<SyncGroupResponse> SyncAsync(JoinGroupResponse joined)
    {
        var leads = joined.Leader == joined.MemberId;
        var assignments = leads ? await LeadAsync(joined) : [];
        if (!leads)
            _topics.Forget();
        return await core.Coordinators.CallOnceAsync(
            options.GroupId, use, new SyncGroupRequest
            {
                GroupId = options.GroupId,
                GenerationId = joined.GenerationId,
                MemberId = joined.MemberId,
                GroupInstanceId = options.InstanceId,
                ProtocolType = joined.ProtocolType,
                ProtocolName = joined.ProtocolName,
                Assignments = assignments,
            },
            options.MaxPollInterval + Grace);
    }

    /// <summary>Shares the partitions out among the members.</summary>
    private async Task<List<SyncGroupRequest.SyncGroupRequestAssignment>> LeadAsync(JoinGroupResponse joined)
    {
        var assignor = options.Assignors.FirstOrDefault(a => a.Name == joined.ProtocolName)
            ?? throw new KafkaException(
                ErrorCode.InconsistentGroupProtocol,
                $"the group chose '{joined.ProtocolName}', which is not known here");
        var members = joined.Members.ConvertAll(m => ConsumerProtocol.ReadSubscription(
            m.MemberId, m.GroupInstanceId, m.Metadata));
        var partitions = await _topics.WatchAsync(members.SelectMany(m => m.Topics));
        // A static leader that came back changes nothing: the group keeps the shares it has (KIP-814).
        if (joined.SkipAssignment)
            return [];
        return [.. assignor.Assign(partitions, members).Select(
            share => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = share.Key, Assignment = ConsumerProtocol.Write(share.Value),
            })];
    }

    private JoinOutcome Refused(ErrorCode code)
    {
        core.Coordinators.NoteError(options.GroupId, code);
        var isLost = code is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration;
        if (isLost)
            Forget(isMember: code == ErrorCode.IllegalGeneration);
        else if (code is not (ErrorCode.RebalanceInProgress or ErrorCode.MemberIdRequired) && !code.IsRetriable())
            throw new KafkaException(code, $"group '{options.GroupId}': {code.Meaning()}") { IsFatal = true };
        return new(null, isLost, code == ErrorCode.RebalanceInProgress ? 0 : _failures++);
    }
}
