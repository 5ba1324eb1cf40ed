using System.Globalization;
using Barnabas.Base;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>A transactional producer that speaks the protocol itself, and is no good one: it stalls beyond its timeout,
/// forgets who it is, and asks again for the end of transactions that are long over (KAFKA-17754).</summary>
/// <param name="history">The history.</param>
/// <param name="number">Its number among the participants.</param>
/// <param name="id">Its transactional id, which may be another's too.</param>
internal sealed class RawTransactor(ITransactionHistory history, int number, string id)
{
    private const int Width = 2;
    private const int Tries = 4;
    private readonly RandomSource _chance = history.NewChance(number);
    private readonly ILink _link = history.NewLink();
    private TransactionWire _wire = null!;
    private ProducerIdentity? _identity;
    private (ProducerIdentity Identity, bool Commits)? _last;

    /// <summary>Goes on until the history winds down; what is open then is left so.</summary>
    public async Task RunAsync()
    {
        _wire = new TransactionWire(_link, id, await history.TopicAsync());
        await _link.AskAsync(new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [id] });
        while (!history.IsWindingDown)
        {
            await PauseAsync(300);
            if (_chance.Next(12) == 0)
                _identity = null;
            if (_identity is null && await _wire.InitAsync() is { Error: ErrorCode.None } given)
                _identity = given.Identity;
            if (_identity is { } identity)
                await TransactAsync(identity);
        }

        await _link.CloseAsync();
    }

    private async Task TransactAsync(ProducerIdentity identity)
    {
        var entry = history.Ledger.Begin();
        var isWhole = true;
        var sequences = new int[Width];
        for (var left = _chance.Next(5); left > 0 && isWhole; left--)
        {
            var partition = _chance.Next(Width);
            isWhole = await WriteAsync(identity, entry, partition, sequences[partition]++);
            if (_chance.Next(5) == 0)
                await RepeatAsync();
            // Now and then longer than its transactions last.
            await PauseAsync(_chance.Next(20) == 0 ? 8_000 : 100);
        }

        if (_chance.Next(15) == 0)
        {
            _identity = null;
            return;
        }

        await EndAsync(identity, entry, isWhole && entry.Sent.Count > 0 && _chance.Next(4) > 0);
    }

    private async Task<bool> WriteAsync(
        ProducerIdentity identity, TransactionLedger.Entry entry, int partition, int sequence)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"{entry.Number}-{partition}-{sequence}");
        entry.Sent.Add((partition, value));
        for (var i = 0; i < Tries; i++)
        {
            var error = await _wire.ProduceAsync(identity, partition, sequence, value);
            if (error == ErrorCode.None)
            {
                entry.Written.Add((partition, value));
                return true;
            }

            await PauseAsync(200);
        }

        return false;
    }

    private async Task EndAsync(ProducerIdentity identity, TransactionLedger.Entry entry, bool commits)
    {
        _identity = null;
        entry.MayBeCommitted = commits;
        for (var i = 0; i < Tries; i++)
        {
            var answer = await _wire.EndAsync(identity, commits);
            if (answer is { Error: ErrorCode.None } ended)
            {
                entry.IsCommitted = commits;
                (_identity, _last) = (ended.Identity, (identity, commits));
                return;
            }

            // The first refusal says that there was nothing to end, or somebody else ended it.
            if (i == 0 && answer is { Error: ErrorCode.ProducerFenced or ErrorCode.InvalidProducerIdMapping })
            {
                entry.IsCommitted = false;
                return;
            }

            await PauseAsync(200);
        }
    }

    /// <summary>Asks again for the end of a transaction that is over: the same is so, anything else is
    /// refused.</summary>
    private async Task RepeatAsync()
    {
        if (_last is not { } last)
            return;
        var commits = _chance.Next(2) == 0;
        if (await _wire.EndAsync(last.Identity, commits) is { Error: ErrorCode.None })
            Promise.Holds(commits == last.Commits, "T6: a transaction that is over was ended the other way");
    }

    private Task PauseAsync(int mostMs) => Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(mostMs)), history.World);
}
