namespace Barnabas.Wire.Generator;

/// <summary>Writes the Write method of a message or struct.</summary>
internal sealed class WriteEmitter
{
    private readonly Message _message;
    private readonly FieldTypes _types;
    private readonly CodeWriter _out;

    public WriteEmitter(Message message, FieldTypes types, CodeWriter output) =>
        (_message, _types, _out) = (message, types, output);

    public void Emit(List<Field> fields, Versions scope)
    {
        _out.Line("/// <summary>Writes the fields as <paramref name=\"version\"/> lays them out.</summary>");
        _out.Line("/// <exception cref=\"UnrepresentableFieldException\">");
        _out.Line("/// A set field has no place in that version.</exception>");
        _out.Block("public void Write(ref WireWriter w, short version)", () =>
        {
            _out.Line($"var flexible = version >= {_message.FlexibleFrom};");
            foreach (var f in fields)
                WriteOrRefuse(f, scope);
            _out.Line("if (flexible) WriteTags(ref w, version);");
        });
        EmitTags(fields, scope);
    }

    private void WriteOrRefuse(Field f, Versions scope)
    {
        var condition = f.Versions.Condition(scope);
        if (f.Tag is null)
            _out.When(condition, () => WriteField(f));
        if (condition.Length > 0 && !f.Ignorable)
        {
            var isElse = f.Tag is null ? "else " : $"if (!({condition})) ";
            _out.Line($"{isElse}{{ if (!({_types.IsDefault(f)})) {Refusal(f)} }}");
        }
    }

    private void EmitTags(List<Field> fields, Versions scope) =>
        _out.Block("private void WriteTags(ref WireWriter w, short version)", () =>
        {
            var tagged = fields.Where(f => f.Tag is not null).OrderBy(f => f.Tag).ToList();
            if (tagged.Count == 0)
            {
                _out.Line("w.WriteUVarInt(UnknownTags.Count);");
                _out.Line("UnknownTags.Write(ref w, 0, long.MaxValue);");
                return;
            }

            _out.Line("const bool flexible = true;");
            _out.Line("var count = UnknownTags.Count;");
            foreach (var f in tagged)
                _out.Line($"if ({IsWritten(f, scope)}) count++;");
            _out.Line("w.WriteUVarInt(count);");
            var from = 0;
            foreach (var f in tagged)
            {
                _out.Line($"UnknownTags.Write(ref w, {from}, {f.Tag});");
                _out.Block($"if ({IsWritten(f, scope)})", () => WriteTag(f));
                from = f.Tag!.Value;
            }

            _out.Line($"UnknownTags.Write(ref w, {from}, long.MaxValue);");
        });

    private void WriteTag(Field f)
    {
        // The value is written twice, first into a counter: its size stands before it.
        _out.Line("var real = w;");
        _out.Line("w = WireWriter.Counter();");
        WriteField(f);
        _out.Line("var size = w.Count;");
        _out.Line("w = real;");
        _out.Line($"w.WriteUVarInt({f.Tag});");
        _out.Line("w.WriteUVarInt(size);");
        WriteField(f);
    }

    private string IsWritten(Field f, Versions scope)
    {
        var condition = f.Versions.Condition(scope);
        return $"{(condition.Length > 0 ? condition + " && " : "")}!({_types.IsDefault(f)})";
    }

    private static string Refusal(Field f) => $"throw new UnrepresentableFieldException(\"{f.Name}\", version);";

    private void WriteField(Field f)
    {
        if (f.IsNullable && !f.Nullable.Covers(f.Versions))
            _out.Line($"if ({f.Name} is null && !({f.Nullable.Condition(f.Versions)})) {Refusal(f)}");
        if (f.IsArray)
        {
            var list = f.IsNullable ? f.Name : FieldTypes.Backing(f);
            _out.Line($"w.WriteArrayCount({list}?.Count ?? {(f.IsNullable ? -1 : 0)}, flexible);");
            _out.Line($"if ({list} is not null) foreach (var e in {list}) {Statement(f, "e")}");
        }
        else if (_types.IsStruct(f) && f.IsNullable)
        {
            _out.Line($"w.WriteInt8({f.Name} is null ? (sbyte)-1 : (sbyte)1);");
            _out.Line($"{f.Name}?.Write(ref w, version);");
        }
        else
        {
            _out.Line(Statement(f, f.Name));
        }
    }

    private string Statement(Field f, string value)
    {
        if (_types.IsStruct(f))
            return $"{value}.Write(ref w, version);";
        var wire = _types.Wire(f);
        var suffix = wire switch
        {
            "uint16" => "UInt16",
            "uint32" => "UInt32",
            _ => char.ToUpperInvariant(wire[0]) + wire.Substring(1),
        };
        if (wire is "string" or "bytes" or "records")
            return $"w.Write{suffix}({value}, {(f.Plain ? "false" : "flexible")});";
        var raw = _types.IsDomain(f) ? $"{value}.Value" : f.Type == "ErrorCode" ? $"(short){value}" : value;
        return $"w.Write{suffix}({raw});";
    }
}
