using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Log;

/// <summary>Transactions of several producers over rolls, truncations, deletions and restarts.</summary>
public sealed class TransactionPropertyTests
{
    [Fact]
    public void Stable_offset_and_aborted_list_are_those_of_a_replay()
    {
        var lives = Gen.ArrayOf(Gen.Choose(0, 1 << 20), 60).ToArbitrary();
        Prop.ForAll(lives, Live).QuickCheckThrowOnFailure();
    }

    private static void Live(int[] steps)
    {
        var model = new TransactionModel();
        foreach (var step in steps)
        {
            model.Step(step);
            model.Check();
        }
    }
}
