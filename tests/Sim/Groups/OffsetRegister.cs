namespace Barnabas.Tests.Simulation.Groups;

/// <summary>What is known of one offset that several clients set and read, without any order among them: each read has
/// to be explained by an order in which every request took effect at one moment between its beginning and its
/// end.</summary>
/// <param name="name">For messages.</param>
/// <param name="lives">How many lives the node has had: what a life did not answer has no effect after it.</param>
internal sealed class OffsetRegister(string name, Func<int> lives)
{
    /// <summary>The value while nothing is stored.</summary>
    public const long Nothing = -1;

    private readonly List<Change> _possible = [new(Nothing, 0, 0) { End = 0 }];
    private readonly List<List<Change>> _reads = [];
    private int _now;

    /// <summary>How many changes were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>A change leaves.</summary>
    public object Send(long value)
    {
        var change = new Change(value, ++_now, lives());
        _possible.Add(change);
        _reads.ForEach(read => read.Add(change));
        return change;
    }

    /// <summary>A change came to an end.</summary>
    /// <param name="sent">What <see cref="Send"/> gave.</param>
    /// <param name="isDone">True when it was acknowledged, false when it was refused for good; null when nobody
    /// knows.</param>
    public void End(object sent, bool? isDone)
    {
        var change = (Change)sent;
        switch (isDone)
        {
            case true:
                Acknowledged++;
                change.End = ++_now;
                Supersede(change);
                break;
            case false:
                _possible.Remove(change);
                break;
            default:
                // It may still take effect, until the process ends that it was sent to.
                break;
        }
    }

    /// <summary>A read leaves.</summary>
    public object Ask()
    {
        foreach (var change in _possible.Where(c => c.End is null && c.Life != lives()))
            change.End = ++_now;
        var read = _possible.ToList();
        _reads.Add(read);
        return read;
    }

    /// <summary>A read came to an end.</summary>
    /// <param name="asked">What <see cref="Ask"/> gave.</param>
    /// <param name="value">What was read; null when no answer came.</param>
    public void Saw(object asked, long? value)
    {
        var read = (List<Change>)asked;
        _reads.Remove(read);
        if (value is null)
            return;
        var causes = read.Where(c => c.Value == value).ToList();
        Assert.True(
            causes.Count > 0,
            $"{name} is {value}, and can only be {string.Join(" or ", read.Select(static c => c.Value))}");
        if (causes.Count == 1)
            Supersede(causes[0]);
    }

    // What had come to its end before this change was sent took effect before it.
    private void Supersede(Change by) => _possible.RemoveAll(c => c.End < by.Begin);

    private sealed record Change(long Value, int Begin, int Life)
    {
        public int? End { get; set; }
    }
}
