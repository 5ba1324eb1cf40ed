namespace Barnabas.Wire.Generator;

/// <summary>Writes CountErrors, by which metrics learn how a request came out.</summary>
internal sealed class ErrorsEmitter
{
    private readonly FieldTypes _types;
    private readonly CodeWriter _out;

    public ErrorsEmitter(FieldTypes types, CodeWriter output) => (_types, _out) = (types, output);

    /// <summary>The method of a response, which every one has.</summary>
    public void EmitResponse(List<Field> fields)
    {
        _out.Line("/// <inheritdoc/>");
        _out.Block("public void CountErrors(IErrorTally tally)", () =>
        {
            if (HasErrors(fields))
                EmitFields(fields);
            else
                _out.Line("tally.Add(ErrorCode.None);");
        });
    }

    /// <summary>The method of a struct in one; nothing where no error can be in it.</summary>
    public void EmitStruct(List<Field> fields)
    {
        if (!HasErrors(fields))
            return;
        _out.Line("/// <summary>Tells of every error code in it.</summary>");
        _out.Block("internal void CountErrors(IErrorTally tally)", () => EmitFields(fields));
    }

    private void EmitFields(List<Field> fields)
    {
        foreach (var f in fields)
        {
            if (f.Type == "ErrorCode" && !f.IsArray)
                _out.Line($"tally.Add({f.Name});");
            else if (HasErrors(f) && f.IsArray)
                EmitElements(f);
            else if (HasErrors(f))
                _out.Line($"{f.Name}{(f.IsNullable ? "?" : "")}.CountErrors(tally);");
        }
    }

    private void EmitElements(Field f)
    {
        _out.Line($"foreach (var element in {f.Name}{(f.IsNullable ? " ?? []" : "")})");
        _out.Line("    element.CountErrors(tally);");
    }

    private bool HasErrors(Field f) => _types.IsStruct(f) && HasErrors(_types.Members(f));

    private bool HasErrors(List<Field> fields) =>
        fields.Exists(f => (f.Type == "ErrorCode" && !f.IsArray) || HasErrors(f));
}
