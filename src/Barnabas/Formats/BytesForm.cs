using System.Buffers.Text;
using System.Text;
using Barnabas.Records;

namespace Barnabas.Cli;

/// <summary>How bytes are written.</summary>
internal abstract class BytesForm
{
    /// <summary>As they are; null as nothing.</summary>
    public static readonly BytesForm Plain = new PlainForm();

    /// <summary>The form a modifier names.</summary>
    /// <exception cref="CliException">It names none.</exception>
    public static BytesForm Parse(string? modifier) => modifier switch
    {
        null or "" => Plain,
        "hex" => new HexForm(),
        "base64" => new Base64Form(),
        "json" => new JsonForm(),
        "null" => new NullForm(),
        _ when modifier.StartsWith("unpack[", StringComparison.Ordinal) && modifier.EndsWith(']') =>
            new UnpackForm(modifier[7..^1]),
        _ => throw CliException.Usage(
            $"'{modifier}' is no form of bytes: there are hex, base64, json, null, unpack[...]"),
    };

    /// <summary>Writes bytes.</summary>
    public abstract void Write(StdOut to, NullableBytes bytes);

    private sealed class PlainForm : BytesForm
    {
        public override void Write(StdOut to, NullableBytes bytes) => to.Write(bytes.Span);
    }

    private sealed class NullForm : BytesForm
    {
        public override void Write(StdOut to, NullableBytes bytes) => to.Write(bytes.IsNull ? "NULL"u8 : bytes.Span);
    }

    private sealed class HexForm : BytesForm
    {
        public override void Write(StdOut to, NullableBytes bytes)
        {
            var text = to.GetSpan(bytes.Span.Length * 2);
            Convert.TryToHexStringLower(bytes.Span, text, out var written);
            to.Advance(written);
        }
    }

    private sealed class Base64Form : BytesForm
    {
        public override void Write(StdOut to, NullableBytes bytes)
        {
            var text = to.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Span.Length));
            Base64.EncodeToUtf8(bytes.Span, text, out _, out var written);
            to.Advance(written);
        }
    }

    private sealed class JsonForm : BytesForm
    {
        public override void Write(StdOut to, NullableBytes bytes)
        {
            using var json = Json.LineWriter(to);
            if (bytes.IsNull)
                json.WriteNullValue();
            else
                json.WriteStringValue(Encoding.UTF8.GetString(bytes.Span));
        }
    }
}
