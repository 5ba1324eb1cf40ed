namespace Barnabas.Wire;

/// <summary>Anything that a schema in <c>schema/</c> describes.</summary>
public interface IMessage
{
    /// <summary>Writes the message as <paramref name="version"/> lays it out.</summary>
    /// <exception cref="UnrepresentableFieldException">A set field has no place in that version.</exception>
    void Write(ref WireWriter w, short version);
}

/// <summary>A message class, generated.</summary>
/// <typeparam name="TSelf">The class itself.</typeparam>
public interface IMessage<TSelf> : IMessage
    where TSelf : IMessage<TSelf>
{
    /// <summary>The oldest version that can be read and written.</summary>
    static abstract short FirstVersion { get; }

    /// <summary>The newest version that can be read and written.</summary>
    static abstract short LastVersion { get; }

    /// <summary>True when the version has compact lengths and tagged fields (KIP-482).</summary>
    static abstract bool IsFlexible(short version);

    /// <summary>Reads the message as <paramref name="version"/> lays it out; slices of bytes alias the frame.</summary>
    /// <exception cref="MalformedFrameException">The bytes are no such message.</exception>
    static abstract TSelf Read(ref WireReader r, short version);
}

/// <summary>A request or a response.</summary>
public interface IApiMessage<TSelf> : IMessage<TSelf>
    where TSelf : IApiMessage<TSelf>
{
    /// <summary>The API it belongs to.</summary>
    static abstract ApiKey ApiKey { get; }

    /// <summary>The newest version offered to clients: the last one, unless that is still being tried out.</summary>
    static abstract short LastStableVersion { get; }
}

/// <summary>A request, and the class of its answer.</summary>
public interface IRequest<TSelf, TResponse> : IApiMessage<TSelf>
    where TSelf : IRequest<TSelf, TResponse>
    where TResponse : IApiMessage<TResponse>;

/// <summary>A message whose objects can be read into again: who reads many of them makes none.</summary>
public interface IRefilled
{
    /// <summary>Reads a message into this object and those it has; what it held is gone. After a failure it holds
    /// neither.</summary>
    /// <exception cref="MalformedFrameException">The bytes are no such message.</exception>
    void Refill(ref WireReader r, short version);
}

/// <summary>A response that tells its client how long to pause because of a quota (KIP-124, KIP-219).</summary>
public interface IThrottled
{
    /// <summary>How long to pause, in ms; 0 not at all.</summary>
    int ThrottleTimeMs { get; set; }
}

/// <summary>A request that says how long it may take.</summary>
public interface ITimed
{
    /// <summary>How long it may take, in ms.</summary>
    int TimeoutMs { get; }
}

/// <summary>A record of the metadata log or of a coordinator, which stands behind its type and version.</summary>
public interface ITypedRecord : IMessage
{
    /// <summary>The number of the record's type.</summary>
    short RecordType { get; }

    /// <summary>The newest version it can be written in.</summary>
    short HighestVersion { get; }
}

/// <summary>A typed record's class, generated.</summary>
public interface ITypedRecord<TSelf> : ITypedRecord, IMessage<TSelf>
    where TSelf : ITypedRecord<TSelf>
{
    /// <summary>The number of the record's type.</summary>
    static abstract short Type { get; }
}
