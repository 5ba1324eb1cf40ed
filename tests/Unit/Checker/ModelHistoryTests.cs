using Barnabas.Tests.Checker;
using FsCheck;
using FsCheck.Fluent;
using Outcome = Barnabas.Tests.Checker.Outcome;

namespace Barnabas.Tests.Unit.Checker;

/// <summary>Histories at random: of a cluster that keeps its promises, and of one that breaks one of them.</summary>
public sealed class ModelHistoryTests
{
    private const int Operations = 200;

    [Fact]
    public void Nothing_is_found_in_a_sound_one() => Check.QuickThrowOnFailure(Prop.ForAll(
        Seeds(), static seed => !Bad(ModelHistory.Create(seed, Operations)).Any()));

    [Fact]
    public void A_value_that_vanishes_is_found() => Check.QuickThrowOnFailure(Prop.ForAll(Seeds(), static seed =>
    {
        var (history, value) = Choose(seed);
        var without = Without(history, step => step.Kind == StepKind.Read && step.Value == value);
        return Bad(without).Contains(Anomaly.Unseen);
    }));

    [Fact]
    public void A_value_that_comes_twice_is_found() => Check.QuickThrowOnFailure(Prop.ForAll(Seeds(), static seed =>
    {
        var (history, value) = Choose(seed);
        var last = history.Operations.Last(o => o.Steps.Any(step => step.Kind == StepKind.Read && step.Value == value));
        var again = last.Steps.First(step => step.Kind == StepKind.Read && step.Value == value);
        var operations = history.Operations.Append(new(99, Outcome.Ok, long.MaxValue - 1, long.MaxValue,
        [
            again with { Offset = 1_000_000 },
        ]));
        return Bad(history with { Operations = [.. operations] }).Contains(Anomaly.Duplicate);
    }));

    [Fact]
    public void An_abort_that_is_none_is_found() => Check.QuickThrowOnFailure(Prop.ForAll(Seeds(), static seed =>
    {
        var (history, value) = Choose(seed);
        var operations = history.Operations.Select(operation => operation.Steps.Any(
            step => step.Kind == StepKind.Send && step.Value == value)
            ? operation with { Outcome = Outcome.Failed, IsTransaction = true }
            : operation);
        return Bad(history with { Operations = [.. operations] }).Contains(Anomaly.AbortedRead);
    }));

    [Fact]
    public void How_long_a_reader_lags_is_told()
    {
        var told = new Told().Then(1, Step.Send(0, 1, 0)).Then(2, Step.Read(0, 1, 0)).Then(1, Step.Send(0, 2, 1));
        Assert.Equal(0, HistoryChecker.WorstLag(told.History()));
        told.Then(2).Then(2);
        Assert.Equal(30, HistoryChecker.WorstLag(told.History()));
    }

    [Fact]
    public void It_is_written_as_others_read_it()
    {
        var to = new StringWriter { NewLine = "\n" };
        Edn.Write(
            new Told().Assign(1, false, 0).Transact(1, Step.Read(0, 1, 0), Step.Read(0, 2, 3), Step.Send(1, 3, 4))
                .Then(1, Outcome.Unknown, Step.Send(1, 5)).History(),
            to);
        Assert.Equal(
            """
            {:index 0, :time 10, :process 1, :type :invoke, :f :assign, :value [0]}
            {:index 1, :time 20, :process 1, :type :ok, :f :assign, :value [0]}
            {:index 2, :time 30, :process 1, :type :invoke, :f :txn, :value [[:poll] [:send 1 3]]}
            {:index 3, :time 40, :process 1, :type :ok, :f :txn, :value [[:poll {0 [[0 1] [3 2]]}] [:send 1 [4 3]]]}
            {:index 4, :time 50, :process 1, :type :invoke, :f :send, :value [[:send 1 5]]}
            {:index 5, :time 60, :process 1, :type :info, :f :send, :value [[:send 1 [nil 5]]]}

            """.ReplaceLineEndings("\n"),
            to.ToString());
    }

    private static Arbitrary<int> Seeds() => Gen.Choose(0, int.MaxValue).ToArbitrary();

    private static IEnumerable<Anomaly> Bad(History history) =>
        HistoryChecker.Check(history).Where(static finding => !finding.IsAllowed).Select(static f => f.Anomaly);

    /// <summary>A sound history, and a value of it that was acknowledged and read.</summary>
    private static (History History, long Value) Choose(int seed)
    {
        var history = ModelHistory.Create(seed, Operations);
        var values = (from operation in history.Operations
                      where operation.Outcome == Outcome.Ok
                      from step in operation.Steps
                      where step.Kind == StepKind.Send
                      select step.Value).ToList();
        return (history, values[seed % values.Count]);
    }

    private static History Without(History history, Func<Step, bool> isGone) => history with
    {
        Operations =
        [
            .. history.Operations.Select(o => o with { Steps = [.. o.Steps.Where(step => !isGone(step))] }),
        ],
    };
}
