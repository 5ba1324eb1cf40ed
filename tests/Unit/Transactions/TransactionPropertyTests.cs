using Barnabas.Base;
using Barnabas.Transactions;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Transactions;

/// <summary>Producers that begin, end, stall, repeat themselves and come back in any order, coordinators that come and
/// go, and partitions that are told late.</summary>
public sealed class TransactionPropertyTests
{
    [Fact]
    public void Every_transaction_has_one_verdict_and_every_step_is_legal() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 20)).ToArbitrary(), steps => Live(steps, 5))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void So_it_is_where_epochs_run_out() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 20)).ToArbitrary(), steps => Live(steps, short.MaxValue - 4))
            .QuickCheckThrowOnFailure();

    private static void Live(int[] steps, short epoch)
    {
        var story = TransactionStory.At(epoch);
        var run = new Run(story);
        foreach (var step in steps)
        {
            var (before, records) = (story.Known, story.Stored.Count);
            run.Step(step);
            run.Check(before, records);
        }
    }

    /// <summary>Two producers with whatever identities they were given, and what became of each
    /// transaction.</summary>
    private sealed class Run(TransactionStory story)
    {
        private readonly List<ProducerIdentity> _given = [story.Identity];
        private readonly Dictionary<ProducerIdentity, bool> _verdicts = [];

        public void Step(int step)
        {
            // Mostly what was given last, now and then something old.
            var which = step >> 4;
            var identity = (which & 7) > 1 ? _given[^1] : _given[which % _given.Count];
            story.Now += step % 50_000;
            switch (step & 15)
            {
                case 0:
                    Take(story.Init());
                    break;
                case 1 or 2:
                    Take(story.Init(identity));
                    break;
                case 3:
                    story.Reload();
                    break;
                case 4:
                    story.AbortOverdue();
                    break;
                case 5 or 6 or 7 when story.Telling.Count > 0:
                    story.Tell();
                    break;
                case 8 or 9 or 10 or 11:
                    story.Add(identity, new TransactionPartition("orders", which & 3));
                    break;
                default:
                    End((step & 1) == 0, identity);
                    break;
            }
        }

        /// <summary>Holds what a step wrote against what stood before it.</summary>
        public void Check(Transaction? before, int records)
        {
            foreach (var record in story.Stored.Skip(records))
            {
                var after = record.After!;
                Assert.True(before!.Status.MayBecome(after.Status), $"{before.Status} became {after.Status}");
                Assert.True(
                    after.ProducerId == before.ProducerId
                        ? after.Epoch >= before.Epoch
                        : after.ProducerId.Value > before.ProducerId.Value && after.Epoch == 0);
                Assert.Equal(before.ProducerId, after.PreviousProducerId);
                Assert.True(after.Partitions.IsEmpty || after.Status is TransactionStatus.Ongoing
                    || after.Status.IsPrepared());
                if (after.Status.IsPrepared())
                    Assert.True(after.Epoch > before.Epoch, "an end is above all records of its transaction");
                before = after;
            }

            Assert.All(_given, identity => Assert.InRange(identity.Epoch, 0, Transaction.LastEpoch));
            var (live, replayed) = (story.Known!, story.Replayed.Find(TransactionStory.Id)!);
            Assert.Equal(live.Partitions, replayed.Partitions);
            Assert.Equal(TransactionStory.Kept(live), TransactionStory.Kept(replayed));
        }

        private void Take(ProducerAnswer answer)
        {
            if (answer.Error == ErrorCode.None)
                _given.Add(answer.Identity);
        }

        private void End(bool commits, ProducerIdentity identity)
        {
            var (before, records) = (story.Known!, story.Stored.Count);
            var answer = story.End(commits, identity);
            if (answer.Error != ErrorCode.None)
            {
                Assert.Equal(records, story.Stored.Count);
                return;
            }

            Take(answer);
            if (story.Stored.Count > records)
            {
                // It ended the transaction it named, and no other.
                Assert.Equal(before.Identity, identity);
                Assert.True(_verdicts.TryAdd(identity, commits), "a transaction ends once");
            }

            // A transaction that ran out of time, or was fenced, may be aborted once more.
            Assert.Equal(_verdicts.GetValueOrDefault(identity), commits);
        }
    }
}
