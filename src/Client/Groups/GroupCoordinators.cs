using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Which broker coordinates a group, and calls to it. Owned by the client's lane.</summary>
internal sealed class GroupCoordinators(ClientCore core)
{
    /// <summary>The first version that looks up several keys at once (KIP-699).</summary>
    private const short FirstWithKeys = 4;

    private readonly Dictionary<string, BrokerAddress> _known = new(StringComparer.Ordinal);

    /// <summary>The coordinator of a group.</summary>
    /// <exception cref="KafkaException">There is none before the deadline, or the group may not be asked
    /// for.</exception>
    public async Task<BrokerAddress> FindAsync(string group, Deadline deadline)
    {
        if (_known.TryGetValue(group, out var known))
            return known;
        var request = new FindCoordinatorRequest();
        var answer = await core.CallAnyAsync(
            request, deadline, a => Read(a).Error,
            version =>
            {
                request.Key = version < FirstWithKeys ? group : "";
                request.CoordinatorKeys = version < FirstWithKeys ? [] : [group];
            });
        var (error, message, address) = Read(answer);
        if (error != ErrorCode.None)
            throw new KafkaException(error, message ?? $"group '{group}' has no coordinator: {error.Meaning()}");
        return _known[group] = address;
    }

    /// <summary>Forgets where a group is coordinated: the next call looks it up anew.</summary>
    public void Forget(string group) => _known.Remove(group);

    /// <summary>Sends a request to a group's coordinator, wherever it moves, until the deadline.</summary>
    /// <param name="group">The group.</param>
    /// <param name="request">The request.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="errorOf">The error in an answer that stands for the whole of it.</param>
    /// <param name="form">How the request fits its version.</param>
    /// <exception cref="KafkaException">No answer came.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        string group, IRequest<TRequest, TResponse> request, Deadline deadline, Func<TResponse, ErrorCode> errorOf,
        RequestForm form = default)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        for (var attempt = 0; ; attempt++)
        {
            var pause = core.Backoff(attempt);
            try
            {
                var answer = await CallOnceAsync(
                    group, ClientCore.SharedUse, request, deadline.Bound(core.Options.RequestTimeout), form);
                var code = errorOf(answer);
                NoteError(group, code);
                if (!code.IsRetriable() || deadline.Left <= pause)
                    return answer;
            }
            catch (IOException fault)
            {
                if (deadline.Left <= pause)
                    throw ClientCore.Lost(fault);
            }

            await core.DelayAsync(pause);
        }
    }

    /// <summary>Sends a request to a group's coordinator, once.</summary>
    /// <exception cref="IOException">It cannot be reached, or is lost; it is looked up anew the next time.</exception>
    public async Task<TResponse> CallOnceAsync<TRequest, TResponse>(
        string group, int use, IRequest<TRequest, TResponse> request, TimeSpan timeout, RequestForm form = default)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var address = await FindAsync(group, core.ApiDeadline());
        try
        {
            var peer = await core.Connections.GetAsync(address, use);
            return await ClientCore.SendAsync(peer, request, timeout, form.Shape, form.Last);
        }
        catch (IOException)
        {
            Forget(group);
            throw;
        }
    }

    /// <summary>Takes in an error: the coordinator may be another one.</summary>
    public void NoteError(string group, ErrorCode code)
    {
        if (code is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            Forget(group);
    }

    private static (ErrorCode Error, string? Message, BrokerAddress Address) Read(FindCoordinatorResponse answer) =>
        answer.Coordinators is [var one, ..]
            ? (one.ErrorCode, one.ErrorMessage, new BrokerAddress(one.NodeId, one.Host, one.Port))
            : (answer.ErrorCode, answer.ErrorMessage, new BrokerAddress(answer.NodeId, answer.Host, answer.Port));
}

/// <summary>How a request fits the version it is sent in.</summary>
/// <param name="Shape">Told the version before the request is written; null where nothing depends on it.</param>
/// <param name="Last">The newest version that will do; null for the request's own newest.</param>
internal readonly record struct RequestForm(Action<short>? Shape = null, short? Last = null);
