using System.Collections.Frozen;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Golden;

/// <summary>A message class, reached by its name: what the generic tests know of it.</summary>
internal abstract class MessageCodec
{
    /// <summary>Every class the schemas describe.</summary>
    public static FrozenDictionary<string, MessageCodec> All { get; } = typeof(ProduceRequest).Assembly
        .GetExportedTypes().Where(t => t is { IsClass: true, IsNested: false } && t.IsAssignableTo(typeof(IMessage)))
        .ToFrozenDictionary(t => t.Name, t => (MessageCodec)Activator.CreateInstance(typeof(Of<>).MakeGenericType(t))!);

    /// <summary>The names of all, sorted: the rows of the theories.</summary>
    public static TheoryData<string> Names { get; } = [.. All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The oldest version.</summary>
    public abstract short First { get; }

    /// <summary>The newest version.</summary>
    public abstract short Last { get; }

    /// <summary>A message of defaults.</summary>
    public abstract IMessage New();

    /// <summary>Reads a message and says how many bytes it took.</summary>
    public abstract IMessage Read(ReadOnlyMemory<byte> bytes, short version, out int taken);

    /// <summary>Reads a message that must take all the bytes.</summary>
    public IMessage Read(ReadOnlyMemory<byte> bytes, short version)
    {
        var message = Read(bytes, version, out var taken);
        Assert.Equal(bytes.Length, taken);
        return message;
    }

    /// <summary>The bytes of a message.</summary>
    public static byte[] Write(IMessage message, short version)
    {
        using var frame = new OutgoingFrame();
        frame.Write(message, version);
        return frame.ToArray();
    }

    private sealed class Of<T> : MessageCodec
        where T : IMessage<T>, new()
    {
        public override short First => T.FirstVersion;

        public override short Last => T.LastVersion;

        public override IMessage New() => new T();

        public override IMessage Read(ReadOnlyMemory<byte> bytes, short version, out int taken)
        {
            var reader = new WireReader(bytes);
            var message = T.Read(ref reader, version);
            taken = reader.Position;
            return message;
        }
    }
}
