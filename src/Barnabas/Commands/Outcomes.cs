using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>What came of a change of several things: a row each with its status, a message on stderr for each that
/// failed, and one exit code.</summary>
/// <param name="columns">The columns before the status; the first one names the thing.</param>
internal sealed class Outcomes(params Column[] columns)
{
    private readonly Table _all = new([.. columns, "Status"]);
    private readonly Table _good = new([.. columns, "Status"]);
    private readonly List<KafkaException?> _failures = [];

    /// <summary>Adds one that fared well.</summary>
    public void Done(string status, params object?[] cells)
    {
        _failures.Add(null);
        _all.Add([.. cells, status]);
        _good.Add([.. cells, status]);
    }

    /// <summary>Adds one that failed, and says why.</summary>
    /// <param name="failure">What the cluster answered.</param>
    /// <param name="words">Why, and what to do; the failure's own words if null; empty where it is said
    /// elsewhere.</param>
    /// <param name="cells">The cells before the status.</param>
    public void Failed(KafkaException failure, string? words, params object?[] cells)
    {
        _failures.Add(failure);
        _all.Add([.. cells, failure.Code.KafkaName()]);
        if (words is not "")
            Errors.Say(words ?? $"{Table.Text(cells[0])}: {Errors.Words(failure)}", ExitCode.Failed);
    }

    /// <summary>Prints the rows.</summary>
    /// <returns>The exit code.</returns>
    public int Write(ParseResult parsed)
    {
        var kind = parsed.GetValue(GlobalOptions.Output);
        // For people, what failed alone has been explained; who asks for names wants to go on with them.
        var isForPeople = kind is OutputKind.Table or OutputKind.Wide;
        if (kind == OutputKind.Name || (isForPeople && _all.Count == 1))
        {
            if (_good.Count > 0)
                Document.Write(parsed, _good);
        }
        else
        {
            Document.Write(parsed, _all);
        }

        return ExitCode.Of(_failures);
    }
}
