namespace Barnabas.Wire.Generator;

/// <summary>Writes ToString and Describe, by which logs show a message.</summary>
internal sealed class TextEmitter
{
    private readonly Message _message;
    private readonly FieldTypes _types;
    private readonly CodeWriter _out;

    public TextEmitter(Message message, FieldTypes types, CodeWriter output) =>
        (_message, _types, _out) = (message, types, output);

    public void Emit(List<Field> fields)
    {
        _out.Line("/// <inheritdoc cref=\"MessageText.Of\"/>");
        _out.Line("public override string ToString() => MessageText.Of(this);");
        _out.Line("/// <inheritdoc/>");
        _out.Block("public void Describe(MessageText text)", () =>
        {
            _out.Line("text.Begin();");
            foreach (var f in fields)
                _out.When(IsAlwaysThere(f) ? "" : $"!({_types.IsDefault(f)})", () => _out.Line(Statement(f)));
            _out.Line("text.End(UnknownTags.Count);");
        });
    }

    /// <summary>What only some versions or messages carry is left out where it says nothing.</summary>
    private bool IsAlwaysThere(Field f) => f.Tag is null && f.Versions.Covers(_message.Versions);

    private string Statement(Field f)
    {
        if (f.IsSecret)
            return $"text.Secret(\"{f.Name}\");";
        var verb = f.IsArray ? (_types.IsStruct(f) ? "Structs" : "Values") : _types.IsStruct(f) ? "Struct" : "Value";
        return $"text.{verb}(\"{f.Name}\", {f.Name});";
    }
}
