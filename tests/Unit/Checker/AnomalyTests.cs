using Barnabas.Tests.Checker;
using static Barnabas.Tests.Checker.Step;

namespace Barnabas.Tests.Unit.Checker;

/// <summary>Every anomaly is found where it is planted, and not in the same history without it.</summary>
public sealed class AnomalyTests
{
    private static readonly Dictionary<Anomaly, (History Planted, History Sound)> Plants = new()
    {
        [Anomaly.InconsistentOffsets] = (
            new Told().Then(1, Send(0, 1, 0)).Then(2, Read(0, 2, 0)).History(),
            new Told().Then(1, Send(0, 1, 0)).Then(2, Read(0, 1, 0)).History()),
        [Anomaly.Duplicate] = (
            new Told().Then(1, Send(0, 1, 0)).Then(2, Read(0, 1, 0), Read(0, 1, 1)).History(),
            new Told().Then(1, Send(0, 1, 0)).Then(2, Read(0, 1, 0)).Then(3, Read(0, 1, 0)).History()),
        [Anomaly.AbortedRead] = (
            new Told().Transact(1, Outcome.Failed, Send(0, 1)).Then(2, Read(0, 1, 0)).History(),
            new Told().Transact(1, Outcome.Unknown, Send(0, 1)).Then(2, Read(0, 1, 0)).History()),
        [Anomaly.DefiniteError] = (
            new Told().Then(1, Outcome.Failed, Send(0, 1)).Then(2, Read(0, 1, 0)).History(),
            new Told().Then(1, Outcome.Unknown, Send(0, 1)).Then(2, Read(0, 1, 0)).History()),
        [Anomaly.PrecommittedRead] = (
            new Told().Transact(1, Send(0, 1, 0), Read(0, 1, 0)).History(),
            new Told().Transact(1, Send(0, 1, 0)).Transact(1, Read(0, 1, 0)).History()),
        [Anomaly.LostWrite] = (
            new Told().Then(1, Send(0, 1, 0)).Then(1, Send(0, 2, 1)).Then(2, Read(0, 2, 1)).History(),
            new Told().Then(1, Send(0, 1, 0)).Then(1, Send(0, 2, 1)).Then(2, Read(0, 1, 0)).History()),
        [Anomaly.Unseen] = (
            new Told().Then(1, Send(0, 1)).Then(2, Read(0, 7, 0)).History(isReadToTheEnd: true),
            new Told().Then(1, Send(0, 1)).Then(2, Read(0, 7, 0)).History()),
        [Anomaly.TornTransaction] = (
            new Told().Transact(1, Outcome.Unknown, Send(0, 1), Send(1, 2)).Then(2, Read(0, 1, 0)).History(true),
            new Told().Transact(1, Outcome.Unknown, Send(0, 1), Send(1, 2)).Then(2, Read(0, 1, 0)).History()),
        [Anomaly.PollSkip] = (
            Three().Then(2, Read(0, 1, 0)).Then(2, Read(0, 3, 2)).History(),
            Three().Then(2, Read(0, 1, 0)).Then(2, Read(0, 2, 1)).History()),
        [Anomaly.NonmonotonicPoll] = (
            Three().Then(2, Read(0, 2, 1)).Then(2, Read(0, 1, 0)).History(),
            Three().Then(2, Outcome.Unknown, Read(0, 2, 1)).Then(2, Read(0, 1, 0)).History()),
        [Anomaly.InternalPollSkip] = (
            Three().Then(2, Read(0, 1, 0), Read(0, 3, 2)).History(),
            Three().Then(2, Read(0, 1, 0), Read(0, 2, 1)).History()),
        [Anomaly.InternalNonmonotonicPoll] = (
            Three().Then(2, Read(0, 2, 1), Read(0, 1, 0)).History(),
            Three().Then(2, Read(0, 2, 1), Read(1, 9, 0), Read(0, 3, 2)).History()),
        [Anomaly.NonmonotonicSend] = (
            new Told().Then(1, Send(0, 1, 5)).Then(1, Send(0, 2, 3)).History(),
            new Told().Then(1, Send(0, 1, 5)).Then(2, Send(0, 2, 3)).History()),
        [Anomaly.InternalNonmonotonicSend] = (
            new Told().Transact(1, Send(0, 1, 5), Send(0, 2, 3)).History(),
            new Told().Transact(1, Send(0, 1, 5), Send(1, 2, 3)).History()),
        [Anomaly.InternalSendSkip] = (
            new Told().Transact(1, Send(0, 1, 0), Send(0, 2, 2)).Then(2, Send(0, 3, 1)).History(),
            new Told().Transact(1, Send(0, 1, 0), Send(0, 2, 2)).Then(2, Send(0, 3, 3)).History()),
        [Anomaly.Order] = (
            new Told().Then(1, Outcome.Unknown, Send(0, 1)).Then(1, Outcome.Unknown, Send(0, 2))
                .Then(2, Read(0, 2, 0), Read(0, 1, 1)).History(),
            new Told().Then(1, Outcome.Unknown, Send(0, 1)).Then(3, Outcome.Unknown, Send(0, 2))
                .Then(2, Read(0, 2, 0), Read(0, 1, 1)).History()),
        [Anomaly.WriteCycle] = (
            new Told().AtOnce((1, [Send(0, 1, 0), Send(1, 2, 1)]), (2, [Send(0, 3, 1), Send(1, 4, 0)])).History(),
            new Told().AtOnce((1, [Send(0, 1, 0), Send(1, 2, 0)]), (2, [Send(0, 3, 1), Send(1, 4, 1)])).History()),
        [Anomaly.WriteCycleOfProcess] = (
            new Told().Then(1, Outcome.Unknown, Send(0, 1)).Then(1, Send(1, 2, 0)).Then(2, Outcome.Unknown, Send(1, 3))
                .Then(2, Send(0, 4, 0)).Then(3, Read(0, 1, 1)).Then(4, Read(1, 3, 1)).History(),
            new Told().Then(1, Outcome.Unknown, Send(0, 1)).Then(1, Send(1, 2, 0)).Then(2, Outcome.Unknown, Send(1, 3))
                .Then(2, Send(0, 4, 1)).Then(3, Read(0, 1, 0)).Then(4, Read(1, 3, 1)).History()),
        [Anomaly.WriteCycleOfTime] = (
            new Told().Then(1, Send(0, 1, 1)).Then(2, Send(0, 2, 0)).History(),
            new Told().Then(1, Send(0, 1, 0)).Then(2, Send(0, 2, 1)).History()),
        [Anomaly.ReadCycle] = (
            new Told().AtOnce((1, [Send(0, 1, 0), Read(1, 2, 0)]), (2, [Send(1, 2, 0), Read(0, 1, 0)])).History(),
            new Told().AtOnce((1, [Send(0, 1, 0), Read(1, 2, 0)]), (2, [Send(1, 2, 0)])).History()),
        [Anomaly.ReadCycleOfProcess] = (
            new Told().Then(1, Outcome.Unknown, Read(0, 1, 0)).Then(1, Outcome.Unknown, Send(0, 1)).History(),
            new Told().Then(1, Outcome.Unknown, Send(0, 1)).Then(1, Outcome.Unknown, Read(0, 1, 0)).History()),
        [Anomaly.ReadCycleOfTime] = (
            new Told().Then(1, Read(0, 1, 0)).Then(2, Send(0, 1, 0)).History(),
            new Told().Then(2, Send(0, 1, 0)).Then(1, Read(0, 1, 0)).History()),
        [Anomaly.ConsumedTwice] = (
            Three().Assign(2, true, 0).Transact(2, Read(0, 1, 0)).Assign(3, true, 0).Transact(3, Read(0, 1, 0))
                .History(),
            Three().Assign(2, true, 0).Transact(2, Outcome.Failed, Read(0, 1, 0)).Assign(3, true, 0)
                .Transact(3, Read(0, 1, 0)).History()),
        [Anomaly.AbortPosition] = (
            Three().Transact(2, Outcome.Failed, Read(0, 1, 0)).Transact(2, Read(0, 2, 1)).History(),
            Three().Transact(2, Outcome.Failed, Read(0, 1, 0)).Transact(2, Read(0, 1, 0)).History()),
        [Anomaly.LostCommit] = (
            new Told().Then(1, Commit(0, 5)).Then(1, Commit(0, 7)).Then(2, Position(0, 5)).History(),
            new Told().Then(1, Commit(0, 5)).Then(1, Outcome.Unknown, Commit(0, 7)).Then(2, Position(0, 5)).History()),
        [Anomaly.InventedCommit] = (
            new Told().Transact(1, Outcome.Failed, Commit(0, 7)).Then(2, Position(0, 7)).History(),
            new Told().Transact(1, Outcome.Unknown, Commit(0, 7)).Then(2, Position(0, 7)).History()),
        [Anomaly.CommittedTooFar] = (
            Three().While(2, [Read(0, 1, 0), Read(0, 2, 1)], 3, Position(0, 2)).History(),
            Three().While(2, [Read(0, 1, 0), Read(0, 2, 1)], 3, Position(0, 0)).History()),
        [Anomaly.WrongTopic] = (
            new Told().Then(2, Read(0, 1, 0) with { Home = 4 }).History(),
            new Told().Then(2, Read(0, 1, 0)).History()),
        [Anomaly.DamagedValue] = (
            new Told().Then(2, Read(0, 1, 0) with { IsIntact = false }).History(),
            new Told().Then(2, Read(0, 1, 0)).History()),
    };

    public static TheoryData<Anomaly> All() => [.. Enum.GetValues<Anomaly>()];

    [Theory]
    [MemberData(nameof(All))]
    public void It_is_found_where_it_is_and_only_there(Anomaly anomaly)
    {
        var (planted, sound) = Plants[anomaly];
        var found = Assert.Single(HistoryChecker.Check(planted), finding => finding.Anomaly == anomaly);
        Assert.Equal(anomaly.IsAllowed(), found.IsAllowed);
        Assert.NotEmpty(found.Operations);
        Assert.DoesNotContain(HistoryChecker.Check(sound), finding => finding.Anomaly == anomaly);
    }

    [Fact]
    public void A_group_may_set_a_subscriber_back_or_ahead()
    {
        var findings = HistoryChecker.Check(
            Three().Assign(2, true, 0).Then(2, Read(0, 2, 1)).Then(2, Read(0, 1, 0)).Then(2, Read(0, 3, 2)).History());
        Assert.Equal([Anomaly.PollSkip, Anomaly.NonmonotonicPoll], findings.Select(static finding => finding.Anomaly));
        Assert.All(findings, static finding => Assert.True(finding.IsAllowed));
    }

    [Fact]
    public void Who_is_assigned_anew_may_begin_anywhere() => Assert.Empty(HistoryChecker.Check(
        Three().Then(2, Read(0, 3, 2)).Assign(2, false, 1).Assign(2, false, 0).Then(2, Read(0, 1, 0), Read(0, 2, 1))
            .History()));

    [Fact]
    public void A_circle_that_the_order_of_writes_closes_is_allowed()
    {
        var findings = HistoryChecker.Check(new Told().AtOnce(
            (1, [Send(0, 1, 0), Read(1, 4, 0)]), (2, [Send(0, 3, 1), Send(1, 4, 0)])).History());
        var finding = Assert.Single(findings, static finding => finding.Anomaly == Anomaly.ReadCycle);
        Assert.True(finding.IsAllowed);
        Assert.Equal([0, 1], finding.Operations.Order());
    }

    [Fact]
    public void A_value_is_sent_to_a_key_once() => Assert.Throws<ArgumentException>(
        () => HistoryChecker.Check(new Told().Then(1, Send(0, 1, 0)).Then(1, Send(0, 1, 1)).History()));

    private static Told Three() => new Told().Then(1, Send(0, 1, 0)).Then(1, Send(0, 2, 1)).Then(1, Send(0, 3, 2));
}
