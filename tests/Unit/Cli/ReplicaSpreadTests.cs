using Barnabas.Base;
using Barnabas.Cli;
using Barnabas.Cli.Commands;

namespace Barnabas.Tests.Unit.Cli;

/// <summary>Plans for partitions to move, and the files they are kept in.</summary>
public sealed class ReplicaSpreadTests
{
    [Fact]
    public void What_is_spread_stays()
    {
        var current = Partitions("1,2", "2,3", "3,1");
        Assert.Equal(current, ReplicaSpread.Plan(current, Brokers("1 2 3")).ToDictionary());
    }

    [Fact]
    public void A_broker_that_is_left_out_gives_up_all_it_has_and_nothing_else_moves()
    {
        var current = Partitions("1,2", "2,3", "3,1", "4,1", "2,4", "3,4");
        var plan = ReplicaSpread.Plan(current, Brokers("1 2 3"));
        foreach (var (partition, replicas) in plan)
        {
            Assert.DoesNotContain(new BrokerId(4), replicas);
            Assert.DoesNotContain(current[partition].Except(replicas), broker => broker.Value != 4);
            Assert.Equal(2, replicas.Distinct().Count());
        }

        AssertEven(plan, 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_evacuated_goes_to_who_holds_little_and_nothing_else_moves(int seed)
    {
        var random = new Random(seed);
        var current = Partitions([.. Enumerable.Range(0, 40).Select(_ => string.Join(
            ',', Enumerable.Range(1, 6).OrderBy(_ => random.Next()).Take(3)))]);
        var leaving = new BrokerId(1 + random.Next(6));
        var staying = Enumerable.Range(1, 6).Select(id => new BrokerId(id)).Where(id => id != leaving)
            .ToDictionary(id => id, id => (string?)$"r{id.Value % 3}");
        var toMove = current.Where(entry => entry.Value.Contains(leaving)).Select(entry => entry.Key).ToHashSet();

        var plan = ReplicaSpread.Evacuate(current, toMove, staying);

        Assert.Equal(toMove.Order(), plan.Keys);
        foreach (var (partition, replicas) in plan)
        {
            var stay = current[partition].Where(id => id != leaving).ToList();
            Assert.Equal(stay, replicas.Take(stay.Count));
            Assert.Equal(3, replicas.Distinct().Count());
            Assert.DoesNotContain(leaving, replicas);
            var kept = stay.Select(id => staying[id]).Distinct().ToList();
            var isThereAnother = staying.Values.Except(kept).Any();
            Assert.Equal(
                kept.Count + (isThereAnother ? 1 : 0), replicas.Select(id => staying[id]).Distinct().Count());
        }
    }

    [Fact]
    public void A_new_broker_takes_its_share_and_no_more_moves_than_that()
    {
        var current = Partitions([.. Enumerable.Range(0, 12).Select(i => $"{1 + (i % 3)},{1 + ((i + 1) % 3)}")]);
        var plan = ReplicaSpread.Plan(current, Brokers("1 2 3 4"));
        AssertEven(plan, 4);
        Assert.Equal(6, plan.Sum(entry => entry.Value.Except(current[entry.Key]).Count()));
    }

    [Fact]
    public void Replicas_stand_in_as_many_racks_as_there_are()
    {
        var current = Partitions([.. Enumerable.Range(0, 20).Select(_ => "1,2")]);
        var plan = ReplicaSpread.Plan(current, Brokers("1a 2a 3b 4b 5c 6c"), replicas: 3);
        Assert.All(plan, entry => Assert.Equal(
            3, entry.Value.Select(broker => (broker.Value - 1) / 2).Distinct().Count()));
        AssertEven(plan, 6);
    }

    [Fact]
    public void Of_too_many_replicas_those_in_other_racks_stay()
    {
        var plan = ReplicaSpread.Plan(Partitions("1,2,3"), Brokers("1a 2a 3b"), replicas: 2);
        Assert.Equal([new(1), new(3)], plan.Single().Value);
    }

    [Fact]
    public void Leaders_are_spread_without_moving_data()
    {
        var current = Partitions("1,2,3", "1,2,3", "1,3,2", "1,2,3", "1,2,3", "1,3,2");
        var plan = ReplicaSpread.Plan(current, Brokers("1 2 3"));
        Assert.All(plan, entry => Assert.Empty(entry.Value.Except(current[entry.Key])));
        Assert.All([1, 2, 3], id => Assert.Equal(2, plan.Count(entry => entry.Value[0].Value == id)));
    }

    [Fact]
    public void A_plan_survives_its_file()
    {
        var plan = new SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>>(Partitions("1,2", "3,1"));
        Assert.Equal(
            """{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2],"log_dirs":["any","any"]},"""
            + """{"topic":"t","partition":1,"replicas":[3,1],"log_dirs":["any","any"]}]}""",
            AssignmentFile.Of(plan).ToJsonString());
        Assert.Equal(plan, AssignmentFile.Parse(AssignmentFile.Of(plan).ToJsonString()));
    }

    [Theory]
    [InlineData("[]", "is no object")]
    [InlineData("{", "cannot be read")]
    [InlineData("""{"version":2,"partitions":[]}""", "has version 2, and 1 is known")]
    [InlineData("""{"version":1}""", "has no list of partitions")]
    [InlineData("""{"partitions":[{"topic":"t"}]}""", "without topic, partition or replicas")]
    [InlineData("""{"partitions":[{"topic":"t","partition":"0","replicas":[1]}]}""", "cannot be read")]
    [InlineData("""{"partitions":[{"topic":"t","partition":0,"replicas":[null]}]}""", "a broker of t-0 that is none")]
    [InlineData(
        """{"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["/data"]}]}""", "log directories")]
    [InlineData(
        """{"partitions":[{"topic":"t","partition":0,"replicas":[1]},{"topic":"t","partition":0,"replicas":[2]}]}""",
        "twice")]
    public void A_file_that_is_no_plan_is_refused(string text, string fault)
    {
        var refused = Assert.Throws<CliException>(() => AssignmentFile.Parse(text));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    private static void AssertEven(SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>> plan, int brokers)
    {
        var held = Enumerable.Range(1, brokers)
            .Select(id => plan.Count(entry => entry.Value.Contains(new(id)))).ToList();
        var leads = Enumerable.Range(1, brokers)
            .Select(id => plan.Count(entry => entry.Value[0] == new BrokerId(id))).ToList();
        Assert.True(held.Max() - held.Min() <= 1, $"held {string.Join(",", held)}");
        Assert.True(leads.Max() - leads.Min() <= 2, $"leads {string.Join(",", leads)}");
    }

    private static Dictionary<TopicPartition, IReadOnlyList<BrokerId>> Partitions(params string[] replicas) =>
        replicas.Select((held, index) => KeyValuePair.Create(
            new TopicPartition("t", index),
            (IReadOnlyList<BrokerId>)[.. held.Split(',').Select(id => new BrokerId(int.Parse(id)))])).ToDictionary();

    /// <summary>Brokers such as <c>1a</c>: the id, and the rack if any.</summary>
    private static Dictionary<BrokerId, string?> Brokers(string list) => list.Split(' ').ToDictionary(
        broker => new BrokerId(int.Parse(broker.TrimEnd('a', 'b', 'c'))),
        broker => char.IsLetter(broker[^1]) ? broker[^1..] : null);
}
