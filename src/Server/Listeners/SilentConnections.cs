namespace Barnabas.Server;

/// <summary>The connections that have not sent a whole request yet, oldest first, and their limit. Owned by the
/// acceptors' lane.</summary>
/// <remarks>Where there are too many the oldest gives way, not the newest: who means well has sent its request long
/// before, so that a crowd that says nothing shuts nobody out.</remarks>
internal sealed class SilentConnections(int most)
{
    private readonly LinkedList<Connection> _waiting = new();

    /// <summary>A connection has come; what is returned stands for it.</summary>
    internal LinkedListNode<Connection> Add(Connection connection)
    {
        if (_waiting.Count >= most && _waiting.First is { } oldest)
        {
            _waiting.Remove(oldest);
            oldest.Value.GiveWay();
        }

        return _waiting.AddLast(connection);
    }

    /// <summary>It has spoken, or is gone.</summary>
    internal void Remove(LinkedListNode<Connection> connection)
    {
        if (connection.List is not null)
            _waiting.Remove(connection);
    }
}
