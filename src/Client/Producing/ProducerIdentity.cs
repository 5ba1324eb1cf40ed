using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>The producer id under which brokers recognise what is sent twice. Owned by the client's lane.</summary>
internal sealed class ProducerIdentity(ClientCore core, ProducerOptions options, Action wake)
{
    private Task? _asking;
    private volatile KafkaException? _fatal;

    /// <summary>True for an idempotent producer.</summary>
    public bool IsUsed => options.Idempotence;

    /// <summary>The producer id; none before it is given.</summary>
    public ProducerId Id { get; private set; } = ProducerId.None;

    /// <summary>The epoch the id was given with.</summary>
    public short Epoch { get; private set; } = -1;

    /// <summary>Why nothing can be sent any more; null as long as that is not so. Any thread.</summary>
    public KafkaException? Fatal => _fatal;

    /// <summary>True when batches may be sealed; else the id is asked for, and the sender woken after. A transactional
    /// producer has its id from its coordinator, before a transaction begins.</summary>
    public bool IsReady()
    {
        if (!IsUsed || Id != ProducerId.None)
            return true;
        if (options.TransactionalId is null && _fatal is null && _asking is null or { IsCompleted: true })
            _asking = core.Guard(AskAsync());
        return false;
    }

    /// <summary>Takes on an id and epoch.</summary>
    public void Take(ProducerId id, short epoch) => (Id, Epoch) = (id, epoch);

    /// <summary>The epochs of the id are used up: the next batch waits for a new one.</summary>
    public void Forget() => (Id, Epoch) = (ProducerId.None, -1);

    /// <summary>Ends the producer.</summary>
    public void Condemn(KafkaException why) => _fatal ??= why;

    private async Task AskAsync()
    {
        var request = new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = int.MaxValue };
        try
        {
            var answer = await core.CallAnyAsync(request, core.ApiDeadline(), a => a.ErrorCode);
            if (answer.ErrorCode == ErrorCode.None)
                (Id, Epoch) = (answer.ProducerId, answer.ProducerEpoch);
            else if (!answer.ErrorCode.IsRetriable())
                Condemn(new KafkaException(answer.ErrorCode, "no producer id was given") { IsFatal = true });
        }
        catch (KafkaException fault) when (fault.Code == ErrorCode.UnsupportedVersion)
        {
            Condemn(new KafkaException(
                fault.Code, "the broker knows no idempotent producers: set enable.idempotence=false", fault)
            {
                IsFatal = true,
            });
        }
        finally
        {
            wake();
        }
    }
}
