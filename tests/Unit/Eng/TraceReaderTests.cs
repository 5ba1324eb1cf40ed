using System.Text;
using Barnabas.Eng.Profile;

namespace Barnabas.Tests.Unit.Eng;

public sealed class TraceReaderTests
{
    private const byte All = 0xFF;
    private const byte FirstOfBlock = 0x81;

    [Fact]
    public void Events_of_one_provider_are_read()
    {
        var file = File(
            Block("MetadataBlock",
                [FirstOfBlock, 0, 0, .. Sized(Learn(1, "Runtime", 72))],
                [FirstOfBlock, 0, 0, .. Sized(Learn(2, "Other", 72))],
                [FirstOfBlock, 0, 0, .. Sized(Learn(300, "Runtime", 15))]),
            Block("StackBlock", [1, 2, 3]),
            Block("EventBlock",
                [All, 1, 9, 0x80, 1, 3, 7, 0x80, 1, 5, .. new byte[32], 3, 10, 11, 12],
                [0, 200, 1, 13, 14, 15],
                [FirstOfBlock, 2, 1, 1, 16],
                [FirstOfBlock, 0xAC, 0x02, 1, 2, 17, 18]));

        Assert.Equal(["72: 10 11 12", "72: 13 14 15", "15: 17 18"],
            TraceReader.Read(file, "Runtime").Select(e => $"{e.Id}: {string.Join(' ', e.Fields)}"));
    }

    [Fact]
    public void Another_file_is_refused() =>
        Assert.Throws<InvalidDataException>(() => TraceReader.Read(new byte[100], "Runtime").ToList());

    [Fact]
    public void An_object_that_does_not_end_is_refused()
    {
        var file = File(Block("StackBlock", [1, 2, 3]));
        file[^2] = 7;

        Assert.Throws<InvalidDataException>(() => TraceReader.Read(file, "Runtime").ToList());
    }

    private static byte[] File(params Action<BinaryWriter>[] blocks)
    {
        using var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        writer.Write("Nettrace"u8);
        writer.Write(20);
        writer.Write("!FastSerialization.1"u8);
        Begin(writer, "Trace");
        writer.Write(new byte[48]);
        writer.Write((byte)6);
        foreach (var block in blocks)
            block(writer);
        writer.Write((byte)1);
        return file.ToArray();
    }

    private static Action<BinaryWriter> Block(string type, params byte[][] blobs) => writer =>
    {
        Begin(writer, type);
        byte[] content = [20, 0, 1, 0, .. new byte[16], .. blobs.SelectMany(blob => blob)];
        writer.Write(content.Length);
        while (writer.BaseStream.Position % 4 != 0)
            writer.Write((byte)0);
        writer.Write(content);
        writer.Write((byte)6);
    };

    private static void Begin(BinaryWriter writer, string type)
    {
        writer.Write((byte[])[5, 5, 1]);
        writer.Write(4);
        writer.Write(4);
        writer.Write(type.Length);
        writer.Write(Encoding.ASCII.GetBytes(type));
        writer.Write((byte)6);
    }

    private static byte[] Learn(int metadata, string provider, int id) =>
    [
        .. BitConverter.GetBytes(metadata),
        .. Encoding.Unicode.GetBytes(provider + '\0'),
        .. BitConverter.GetBytes(id),
    ];

    private static byte[] Sized(byte[] fields) => [(byte)fields.Length, .. fields];
}
