namespace Barnabas.Client;

/// <summary>Who waits until a record of theirs can be taken, a line for each topic: whoever comes later waits behind
/// them, so that records are taken in the order in which they were sent. Safe to use from several threads at
/// once.</summary>
internal sealed class WaitingLines
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedList<TaskCompletionSource>> _lines = new(StringComparer.Ordinal);
    private volatile bool _isEmpty = true;

    /// <summary>True when nobody waits for this topic.</summary>
    public bool IsFree(string topic)
    {
        if (_isEmpty)
            return true;
        lock (_gate)
            return !_lines.ContainsKey(topic);
    }

    /// <summary>Joins the end of a line.</summary>
    public LinkedListNode<TaskCompletionSource> Join(string topic)
    {
        var place = new LinkedListNode<TaskCompletionSource>(new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (!_lines.TryGetValue(topic, out var line))
                _lines.Add(topic, line = []);
            line.AddLast(place);
            _isEmpty = false;
            if (line.First == place)
                place.Value.SetResult();
        }

        return place;
    }

    /// <summary>Leaves a line, wherever in it: the next one has its turn.</summary>
    public void Leave(string topic, LinkedListNode<TaskCompletionSource> place)
    {
        lock (_gate)
        {
            var line = place.List!;
            line.Remove(place);
            if (line.First is { } first)
            {
                first.Value.TrySetResult();
                return;
            }

            _lines.Remove(topic);
            _isEmpty = _lines.Count == 0;
        }
    }
}
