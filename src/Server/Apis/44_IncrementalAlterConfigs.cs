using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;
using Resource = Barnabas.Wire.Messages.IncrementalAlterConfigsRequest.AlterConfigsResource;
using Result = Barnabas.Wire.Messages.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;

namespace Barnabas.Server.Apis;

/// <summary>Sets, deletes, appends to and subtracts from single configs, and sets the levels of loggers (KIP-339,
/// KIP-412).</summary>
public sealed class IncrementalAlterConfigsApi(Broker broker)
    : IApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    private readonly LoggerConfigs _loggers = new(broker.Host, broker.Id);

    /// <inheritdoc/>
    public Pending<IncrementalAlterConfigsResponse> Handle(
        RequestContext context, IncrementalAlterConfigsRequest request) =>
        Pending<IncrementalAlterConfigsResponse>.InOrder(AnswerAsync(context, request));

    private async Task<IncrementalAlterConfigsResponse?> AnswerAsync(
        RequestContext context, IncrementalAlterConfigsRequest request)
    {
        if (!request.Resources.Exists(IsLogger))
            return await ChangeAsync(context, request);

        // Loggers are this process's own; the controller gets the rest. The answers keep the order of the request.
        var rest = new IncrementalAlterConfigsRequest
        {
            ValidateOnly = request.ValidateOnly,
            Resources = [.. request.Resources.Where(resource => !IsLogger(resource))],
        };
        var answers = new Queue<Result>(rest.Resources.Count > 0 ? (await ChangeAsync(context, rest)).Responses : []);
        return new IncrementalAlterConfigsResponse
        {
            Responses = [.. request.Resources.Select(
                resource => IsLogger(resource) ? AlterLogger(request, resource) : answers.Dequeue())],
        };
    }

    private async Task<IncrementalAlterConfigsResponse> ChangeAsync(
        RequestContext context, IncrementalAlterConfigsRequest request)
    {
        var answer = await broker.Link.AnswerAsync(context, request, async () => await broker.ChangeAsync(
            state => IncrementalAlterConfigs.Decide(state, request, broker.Configs),
            () => IncrementalAlterConfigs.Refuse(request, ApiError.Of(ErrorCode.NotController))));
        return answer ?? IncrementalAlterConfigs.Refuse(request, ApiError.Of(ErrorCode.NotController));
    }

    private Result AlterLogger(IncrementalAlterConfigsRequest request, Resource logger)
    {
        var isTwice = request.Resources.Count(r => IsLogger(r) && r.ResourceName == logger.ResourceName) > 1;
        var error = isTwice
            ? new ApiError(ErrorCode.InvalidRequest, "Each resource must appear at most once.")
            : _loggers.Alter(logger, request.ValidateOnly);
        return new()
        {
            ResourceType = logger.ResourceType,
            ResourceName = logger.ResourceName,
            ErrorCode = error.Code,
            ErrorMessage = error.Message,
        };
    }

    private static bool IsLogger(Resource resource) => LoggerConfigs.IsLogger(resource.ResourceType);
}
