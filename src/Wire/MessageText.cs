using System.Globalization;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>Something that can be shown in a log.</summary>
public interface IDescribed
{
    /// <summary>Adds the fields to <paramref name="text"/>.</summary>
    void Describe(MessageText text);
}

/// <summary>The text of a message for logs: JSON in form, on one line, with secrets masked.</summary>
/// <remarks>Bytes are shown by their number, error codes by name, long lists and long strings cut short. What a version
/// does not carry is left out.</remarks>
public sealed class MessageText
{
    private const int LongestString = 256;
    private const int LongestText = 16 * 1024;
    private readonly StringBuilder _text = new();
    private bool _first = true;

    private MessageText()
    {
    }

    /// <summary>The fields as text: JSON in form, secrets as <c>***</c>, bytes by their number, long lists cut
    /// short.</summary>
    public static string Of(IDescribed message)
    {
        var text = new MessageText();
        message.Describe(text);
        return text._text.ToString();
    }

    /// <summary>Begins a struct.</summary>
    public void Begin()
    {
        _text.Append('{');
        _first = true;
    }

    /// <summary>Ends a struct.</summary>
    /// <param name="unknownTags">How many tagged fields it holds that no schema names.</param>
    public void End(int unknownTags)
    {
        if (unknownTags > 0)
            Value("UnknownTags", unknownTags);
        _text.Append('}');
        _first = false;
    }

    /// <summary>A field that must not be seen.</summary>
    public void Secret(string name) => Name(name).Append("\"***\"");

    /// <summary>A field that is no struct.</summary>
    public void Value<T>(string name, T value)
    {
        Name(name);
        Append(value);
    }

    /// <summary>An array of what is no struct; may be null.</summary>
    public void Values<T>(string name, List<T>? values) =>
        List(name, values, static (text, value) => text.Append(value));

    /// <summary>A struct; may be null.</summary>
    public void Struct(string name, IDescribed? value)
    {
        Name(name);
        if (value is null)
            _text.Append("null");
        else
            value.Describe(this);
    }

    /// <summary>An array of structs; may be null.</summary>
    public void Structs<T>(string name, List<T>? values)
        where T : IDescribed => List(name, values, static (text, value) => value.Describe(text));

    private void List<T>(string name, List<T>? values, Action<MessageText, T> append)
    {
        Name(name);
        if (values is null)
        {
            _text.Append("null");
            return;
        }

        _text.Append('[');
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                _text.Append(',');
            if (_text.Length > LongestText)
            {
                _text.Append(CultureInfo.InvariantCulture, $"\"{values.Count - i} more\"");
                break;
            }

            append(this, values[i]);
        }

        _text.Append(']');
        _first = false;
    }

    private StringBuilder Name(string name)
    {
        if (!_first)
            _text.Append(',');
        _first = false;
        return _text.Append('"').Append(name).Append("\":");
    }

    private void Append<T>(T value)
    {
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case string text:
                Quote(text);
                break;
            case bool truth:
                _text.Append(truth ? "true" : "false");
                break;
            case ErrorCode code:
                _text.Append('"').Append(code.KafkaName()).Append('"');
                break;
            case ReadOnlyMemory<byte> bytes:
                _text.Append(CultureInfo.InvariantCulture, $"\"{bytes.Length} bytes\"");
                break;
            case RecordBytes records:
                _text.Append(CultureInfo.InvariantCulture, $"\"{records.Length} bytes\"");
                break;
            case Uuid or TopicId:
                _text.Append('"').Append(value).Append('"');
                break;
            default:
                _text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
        }
    }

    private void Quote(string text)
    {
        _text.Append('"');
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LongestString)))
        {
            if (c is '"' or '\\')
                _text.Append('\\').Append(c);
            else if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                _text.Append(c);
        }

        _text.Append(text.Length > LongestString ? "…\"" : "\"");
    }
}
