using System.Text;

namespace Barnabas.Eng.Profile;

/// <summary>One event of a trace.</summary>
/// <param name="Id">Its number with the one who wrote it.</param>
/// <param name="Fields">Its fields one after another, without names.</param>
internal readonly record struct TraceEvent(int Id, byte[] Fields);

/// <summary>Reads a .nettrace file of version 4, as a runtime with DOTNET_EnableEventPipe=1 writes it.</summary>
internal static class TraceReader
{
    private const byte BeginsObject = 5;
    private const byte EndsObject = 6;

    /// <summary>What a byte before an event says is there, where it differs from the event before.</summary>
    [Flags]
    private enum Differs
    {
        Metadata = 1,
        Sequence = 2,
        Thread = 4,
        Stack = 8,
        Activity = 16,
        RelatedActivity = 32,
        Length = 128,
    }

    /// <summary>The events that <paramref name="provider"/> wrote, in the order of the file.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static IEnumerable<TraceEvent> Read(byte[] file, string provider)
    {
        using var reader = new BinaryReader(new MemoryStream(file));
        if (!reader.ReadBytes(8).AsSpan().SequenceEqual("Nettrace"u8))
            throw new InvalidDataException("not a .nettrace file");

        reader.ReadBytes(reader.ReadInt32());    // the serializer's name
        var ids = new Dictionary<int, int>();
        while (reader.ReadByte() == BeginsObject)
        {
            reader.ReadBytes(2 + 4 + 4);         // its type begins, has none itself, has versions
            var type = Encoding.ASCII.GetString(reader.ReadBytes(reader.ReadInt32()));
            reader.ReadByte();                   // its type ends
            foreach (var (metadata, fields) in ReadObject(reader, type))
            {
                if (type == "MetadataBlock")
                    Learn(fields, provider, ids);
                else if (ids.TryGetValue(metadata, out var id))
                    yield return new(id, fields);
            }

            if (reader.ReadByte() != EndsObject)
                throw new InvalidDataException($"a {type} of the trace does not end where it should");
        }
    }

    /// <summary>The zero-terminated text at <paramref name="reader"/>.</summary>
    public static string ReadText(BinaryReader reader)
    {
        var text = new StringBuilder();
        for (var letter = reader.ReadUInt16(); letter != 0; letter = reader.ReadUInt16())
            text.Append((char)letter);
        return text.ToString();
    }

    private static (int Metadata, byte[] Fields)[] ReadObject(BinaryReader reader, string type)
    {
        if (type == "Trace")
        {
            reader.ReadBytes(48);                // times and the machine
            return [];
        }

        var length = reader.ReadInt32();
        reader.ReadBytes((int)(-reader.BaseStream.Position & 3));
        var block = reader.ReadBytes(length);
        return type is "EventBlock" or "MetadataBlock" ? [.. ReadEvents(block)] : [];
    }

    private static IEnumerable<(int Metadata, byte[] Fields)> ReadEvents(byte[] block)
    {
        using var reader = new BinaryReader(new MemoryStream(block));
        reader.ReadBytes(reader.ReadInt16() - 2);
        var (metadata, length) = (0, 0);
        while (reader.BaseStream.Position < block.Length)
        {
            var differs = (Differs)reader.ReadByte();
            if (differs.HasFlag(Differs.Metadata))
                metadata = reader.Read7BitEncodedInt();
            if (differs.HasFlag(Differs.Sequence))
                (_, _, _) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt());
            if (differs.HasFlag(Differs.Thread))
                reader.Read7BitEncodedInt64();
            if (differs.HasFlag(Differs.Stack))
                reader.Read7BitEncodedInt();
            reader.Read7BitEncodedInt64();       // the time since the event before
            if (differs.HasFlag(Differs.Activity))
                reader.ReadBytes(16);
            if (differs.HasFlag(Differs.RelatedActivity))
                reader.ReadBytes(16);
            if (differs.HasFlag(Differs.Length))
                length = reader.Read7BitEncodedInt();
            yield return (metadata & int.MaxValue, reader.ReadBytes(length));
        }
    }

    /// <summary>Keeps which event a number of this file stands for, if the provider is the one asked for.</summary>
    private static void Learn(byte[] fields, string provider, Dictionary<int, int> ids)
    {
        using var reader = new BinaryReader(new MemoryStream(fields));
        var metadata = reader.ReadInt32();
        if (ReadText(reader) == provider)
            ids[metadata] = reader.ReadInt32();
    }
}
