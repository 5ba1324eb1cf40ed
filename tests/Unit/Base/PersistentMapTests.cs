using Barnabas.Base;

namespace Barnabas.Tests.Unit.Base;

public sealed class PersistentMapTests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 500)]
    [InlineData(3, 5_000)]
    public void Any_run_of_changes_leaves_what_a_sorted_dictionary_would_hold(int seed, int keys)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<int, int>();
        var map = PersistentMap<int, int>.Empty();
        for (var step = 0; step < 20_000; step++)
        {
            var key = random.Next(keys);
            // Two phases, one that grows the map and one that takes it apart.
            if (random.Next(10) < (step % 10_000 < 5_000 ? 8 : 2))
            {
                model[key] = step;
                map = map.With(key, step);
            }
            else
            {
                model.Remove(key);
                map = map.Without(key);
            }

            Assert.Equal(model.Count, map.Count);
            Assert.Equal(model.TryGetValue(key, out var expected), map.TryGetValue(key, out var found));
            Assert.Equal(expected, found);
            if (step % 500 == 0)
                Assert.Equal(model, map);
        }

        foreach (var key in model.Keys.ToList())
            map = map.Without(key);
        Assert.Equal(0, map.Count);
        Assert.Empty(map);
    }

    [Fact]
    public void Older_versions_stay_what_they_were()
    {
        var random = new Random(4);
        var history = new List<(PersistentMap<int, int> Map, KeyValuePair<int, int>[] Pairs)>();
        var map = PersistentMap<int, int>.Empty();
        for (var i = 0; i < 200; i++)
        {
            history.Add((map, [.. map]));
            var edit = map.BeginEdit();
            for (var j = 0; j < 40; j++)
            {
                if (random.Next(3) == 0)
                    edit.Remove(random.Next(1_000));
                else
                    edit.Set(random.Next(1_000), i);
            }

            map = edit.Done();
        }

        Assert.All(history, version => Assert.Equal(version.Pairs, version.Map));
    }

    [Fact]
    public void An_edit_sees_its_own_changes_and_the_map_it_came_from_does_not()
    {
        var before = PersistentMap<string, int>.Empty(StringComparer.Ordinal).With("a", 1);
        var edit = before.BeginEdit();
        edit.Set("b", 2);
        edit.Remove("a");
        var after = edit.Done();
        Assert.Equal(["a"], before.Select(p => p.Key));
        Assert.Equal(["b"], after.Select(p => p.Key));
    }

    [Fact]
    public void Taking_out_what_is_not_there_changes_nothing()
    {
        var map = PersistentMap<int, int>.Empty().With(1, 1);
        Assert.Same(map, map.Without(2));
        Assert.Throws<KeyNotFoundException>(() => map[2]);
    }

    [Fact]
    public void Keys_come_in_the_order_of_the_comparer()
    {
        var map = PersistentMap<string, int>.Empty(StringComparer.Ordinal);
        foreach (var key in new[] { "b", "a", "B", "é", "A", "" })
            map = map.With(key, 0);
        Assert.Equal(["", "A", "B", "a", "b", "é"], map.Select(p => p.Key));
    }

    [Fact]
    public void One_change_of_a_large_map_allocates_little()
    {
        var edit = PersistentMap<int, int>.Empty().BeginEdit();
        for (var i = 0; i < 100_000; i++)
            edit.Set(i, i);
        var map = edit.Done();
        map = map.With(5, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var changed = map.With(50_000, -1);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000);
        Assert.Equal(-1, changed[50_000]);
        Assert.Equal(50_000, map[50_000]);
    }
}
