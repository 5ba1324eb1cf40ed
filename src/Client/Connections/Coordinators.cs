using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Which broker coordinates a group or a transactional id, and calls to it. Owned by the client's
/// lane.</summary>
internal sealed class Coordinators(ClientCore core, CoordinatorKind kind)
{
    /// <summary>The first version that looks up several keys at once (KIP-699).</summary>
    private const short FirstWithKeys = 4;

    private readonly Dictionary<string, BrokerAddress> _known = new(StringComparer.Ordinal);

    /// <summary>The coordinator of a key.</summary>
    /// <param name="key">The group, or the transactional id.</param>
    /// <param name="deadline">When to give up.</param>
    /// <exception cref="KafkaException">There is none before the deadline, or the key may not be asked
    /// for.</exception>
    public async Task<BrokerAddress> FindAsync(string key, Deadline deadline)
    {
        if (_known.TryGetValue(key, out var known))
            return known;
        var request = new FindCoordinatorRequest { KeyType = (sbyte)kind };
        var answer = await core.CallAnyAsync(
            request, deadline, a => Read(a).Error,
            version =>
            {
                request.Key = version < FirstWithKeys ? key : "";
                request.CoordinatorKeys = version < FirstWithKeys ? [] : [key];
            });
        var (error, message, address) = Read(answer);
        if (error != ErrorCode.None)
            throw new KafkaException(error, message ?? $"{Words} '{key}' has no coordinator: {error.Meaning()}");
        return _known[key] = address;
    }

    /// <summary>Forgets where a key is coordinated: the next call looks it up anew.</summary>
    public void Forget(string key) => _known.Remove(key);

    /// <summary>Sends a request to a key's coordinator, wherever it moves, until the deadline.</summary>
    /// <param name="key">The group, or the transactional id.</param>
    /// <param name="request">The request.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="errorOf">The error in an answer that stands for the whole of it.</param>
    /// <param name="form">How the request fits its version.</param>
    /// <param name="lost">Told of each attempt that no answer came to; null for nobody.</param>
    /// <exception cref="KafkaException">No answer came.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        string key, IRequest<TRequest, TResponse> request, Deadline deadline, Func<TResponse, ErrorCode> errorOf,
        RequestForm form = default, Action<KafkaException>? lost = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        for (var attempt = 0; ; attempt++)
        {
            var pause = core.Backoff(attempt);
            try
            {
                var answer = await CallOnceAsync(
                    key, ClientCore.SharedUse, request, deadline.Bound(core.Options.RequestTimeout), form);
                var code = errorOf(answer);
                NoteError(key, code);
                if (!code.IsRetriable() || deadline.Left <= pause)
                    return answer;
            }
            catch (IOException fault)
            {
                var silence = ClientCore.Lost(fault);
                lost?.Invoke(silence);
                if (deadline.Left <= pause)
                    throw silence;
            }

            await core.DelayAsync(pause);
        }
    }

    /// <summary>Sends a request to a key's coordinator, once.</summary>
    /// <exception cref="IOException">It cannot be reached, or is lost; it is looked up anew the next time.</exception>
    public async Task<TResponse> CallOnceAsync<TRequest, TResponse>(
        string key, int use, IRequest<TRequest, TResponse> request, TimeSpan timeout, RequestForm form = default)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var address = await FindAsync(key, core.ApiDeadline());
        try
        {
            var peer = await core.Connections.GetAsync(address, use);
            return await ClientCore.SendAsync(peer, request, timeout, form.Shape, form.Last);
        }
        catch (IOException)
        {
            Forget(key);
            throw;
        }
    }

    /// <summary>Takes in an error: the coordinator may be another one.</summary>
    public void NoteError(string key, ErrorCode code)
    {
        if (code is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            Forget(key);
    }

    private string Words => kind == CoordinatorKind.Transaction ? "transactional id" : "group";

    private static (ErrorCode Error, string? Message, BrokerAddress Address) Read(FindCoordinatorResponse answer) =>
        answer.Coordinators is [var one, ..]
            ? (one.ErrorCode, one.ErrorMessage, new BrokerAddress(one.NodeId, one.Host, one.Port))
            : (answer.ErrorCode, answer.ErrorMessage, new BrokerAddress(answer.NodeId, answer.Host, answer.Port));
}

/// <summary>What a coordinator coordinates: the protocol's numbers.</summary>
internal enum CoordinatorKind : sbyte
{
    /// <summary>A group.</summary>
    Group = 0,

    /// <summary>The transactions of a transactional id.</summary>
    Transaction = 1,
}

/// <summary>How a request fits the version it is sent in.</summary>
/// <param name="Shape">Told the version before the request is written; null where nothing depends on it.</param>
/// <param name="Last">The newest version that will do; null for the request's own newest.</param>
internal readonly record struct RequestForm(Action<short>? Shape = null, short? Last = null);
