using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Client;

/// <summary>A member by the newest protocol that the group's coordinator has: that of KIP-848, else the classic one.
/// Owned by the client's lane.</summary>
internal sealed class NegotiatedMembership(ClientCore core, ConsumerOptions options, GroupReading reading) : IMembership
{
    private IMembership? _chosen;
    private Task? _choosing;
    private bool _leaves;

    /// <inheritdoc/>
    public string MemberId => _chosen?.MemberId ?? "";

    /// <inheritdoc/>
    public void Start() => _choosing ??= ChooseAsync();

    /// <inheritdoc/>
    public Task LeaveAsync()
    {
        _leaves = true;
        return _chosen?.LeaveAsync() ?? Task.CompletedTask;
    }

    private async Task ChooseAsync()
    {
        for (var failures = 0; !_leaves; failures++)
        {
            try
            {
                var address = await core.Coordinators.FindAsync(options.GroupId, core.ApiDeadline());
                var peer = await core.Connections.GetAsync(address, ClientCore.SharedUse);
                Choose(peer.Versions[ApiKey.ConsumerGroupHeartbeat] is not null);
                return;
            }
            catch (IOException)
            {
                core.Coordinators.Forget(options.GroupId);
            }
            catch (KafkaException fault) when (!fault.IsRetriable && fault is not BrokersUnreachableException)
            {
                reading.Fail(fault);
                return;
            }
            catch (KafkaException)
            {
                // There may be a coordinator in a moment.
            }
            catch (ObjectDisposedException)
            {
                // The client was closed before the consumer: nobody is left to read.
                return;
            }

            await core.DelayAsync(core.Backoff(failures));
        }
    }

    private void Choose(bool hasConsumerProtocol)
    {
        if (_leaves)
            return;
        _chosen = hasConsumerProtocol
            ? new ConsumerMembership(core, options, reading, IsForClassic)
            : new ClassicMembership(core, options, reading);
        _chosen.Start();
    }

    /// <summary>Goes on as a classic member where the coordinator does not do the other protocol after all, or keeps
    /// the group a classic one.</summary>
    private bool IsForClassic(ErrorCode refusal)
    {
        if (refusal is not (ErrorCode.UnsupportedVersion or ErrorCode.GroupIdNotFound))
            return false;
        reading.Lose();
        Choose(hasConsumerProtocol: false);
        return true;
    }
}
