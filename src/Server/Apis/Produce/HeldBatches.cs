using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Server.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Produce;

/// <summary>Lets the batches of a transaction that a Produce request brought into the log, once its coordinator was
/// asked (KIP-890).</summary>
internal sealed class HeldBatches(Broker broker)
{
    /// <summary>Begins their appends, or refuses them; when this ends their order is fixed.</summary>
    /// <param name="parts">All parts of the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="version">Its version.</param>
    /// <param name="untilCommitted">True for acks=all.</param>
    public async Task AppendAsync(
        List<ProducePart> parts, ProduceRequest request, short version, bool untilCommitted)
    {
        var held = parts.FindAll(part => part.Held is not null);
        var producer = held[0].Held!.Producer;
        if (request.TransactionalId is null)
        {
            RefuseAll(held, ErrorCode.TransactionalIdAuthorizationFailed, null);
            return;
        }

        if (held.Exists(part => part.Held!.Producer != producer))
        {
            RefuseAll(
                held, ErrorCode.InvalidProducerIdMapping, "Transactional records contained more than one producer ID");
            return;
        }

        var who = new TransactionalProducer(
            request.TransactionalId, producer.Id, producer.Epoch, TransactionSupports.OfProduce(version));
        var verifying = broker.Verifier.VerifyAsync(
            who, held.ConvertAll(part => (part.Held!.Partition, (int?)part.Held.Sequence)));
        if (!await EndsInTimeAsync(verifying, request))
        {
            held.ForEach(part => Refuse(part, ErrorCode.RequestTimedOut, who.Support));
            return;
        }

        var verified = await verifying;
        for (var i = 0; i < held.Count; i++)
        {
            var batch = held[i].Held!;
            if (verified[i].Error == ErrorCode.None)
                batch.Begin(held[i], verified[i].Guard, untilCommitted);
            else
                Refuse(held[i], verified[i].Error, who.Support);
        }
    }

    // What the coordinator says later is heard by nobody: the batch comes again, and is verified again.
    private async Task<bool> EndsInTimeAsync(Task verifying, ProduceRequest request)
    {
        if (verifying.IsCompleted)
            return true;
        using var patience = new Waiter(
            broker.Host.Time, TimeSpan.FromMilliseconds(Math.Max(request.TimeoutMs, 0)));
        await Task.WhenAny(verifying, patience.Woken);
        return verifying.IsCompleted;
    }

    // Older clients do not expect these of a Produce; NOT_ENOUGH_REPLICAS has them try again without asking for
    // metadata first.
    private static void Refuse(ProducePart part, ErrorCode error, TransactionSupport support)
    {
        part.Held!.Drop();
        var isRetried = error switch
        {
            ErrorCode.ConcurrentTransactions => support != TransactionSupport.AddsImplicitly,
            ErrorCode.NetworkException or ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable
                or ErrorCode.NotCoordinator or ErrorCode.RequestTimedOut => true,
            _ => false,
        };
        if (isRetried)
        {
            part.Refuse(
                ErrorCode.NotEnoughReplicas,
                $"Unable to verify the partition has been added to the transaction. Underlying error: {error}");
        }
        else
        {
            part.Refuse(
                error,
                error == ErrorCode.InvalidTxnState ? "Partition was not added to the transaction" : null);
        }
    }

    private static void RefuseAll(List<ProducePart> held, ErrorCode error, string? reason)
    {
        foreach (var part in held)
        {
            part.Held!.Drop();
            part.Refuse(error, reason);
        }
    }
}
