using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Wire.Messages;
using DescribedGroup = Barnabas.Wire.Messages.ConsumerGroupDescribeResponse.DescribedGroup;

namespace Barnabas.Server.Apis;

/// <summary>Shows the state, the members and the assignments of consumer groups (KIP-848, KIP-1099).</summary>
public sealed class ConsumerGroupDescribeApi(Broker broker)
    : IApiHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>
{
    /// <inheritdoc/>
    public Pending<ConsumerGroupDescribeResponse> Handle(
        RequestContext context, ConsumerGroupDescribeRequest request) =>
        new ConsumerGroupDescribeResponse
        {
            // A group costs a few bytes to ask for and may cost many to show: once each is enough.
            Groups = [.. request.GroupIds.Distinct(StringComparer.Ordinal).Select(id => Describe(request, id))],
        };

    private DescribedGroup Describe(ConsumerGroupDescribeRequest request, string id)
    {
        if (!broker.Groups.ServesConsumerProtocol)
            return Refuse(id, ErrorCode.UnsupportedVersion);
        if (id.Length == 0)
            return Refuse(id, ErrorCode.InvalidGroupId);
        var shard = broker.Groups.Find(id);
        var error = shard?.Check() ?? ErrorCode.NotCoordinator;
        if (error != ErrorCode.None)
            return Refuse(id, error);
        var group = shard!.Committed.Find(id);
        if (group?.Membership is not ConsumerGroup consumer)
        {
            var why = group is null ? "not found" : "is not a consumer group";
            return Refuse(id, ErrorCode.GroupIdNotFound, $"Group {id} {why}.");
        }

        var rules = broker.Groups.Rules;
        var described = DescribeConsumerGroup.Describe(consumer, rules.Cluster.State, rules.Assignors);
        described.AuthorizedOperations =
            AuthorizedOperations.If(request.IncludeAuthorizedOperations, AuthorizedOperations.OfGroup);
        return described;
    }

    private static DescribedGroup Refuse(string id, ErrorCode error, string? message = null) =>
        new() { GroupId = id, ErrorCode = error, ErrorMessage = message ?? error.Meaning() };
}
