using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas completion</c>: the script that teaches a shell to complete words by asking
/// <c>barnabas complete -- WORDS</c>.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # barnabas completion bash
        _barnabas() {
            local line
            COMPREPLY=()
            while IFS= read -r line; do
                COMPREPLY+=("${line%%$'\t'*}")
            done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
            # No blank behind a folder: there is more to type.
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
            return 0
        }
        complete -F _barnabas barnabas
        """;

    private const string Zsh = """
        #compdef barnabas
        # barnabas completion zsh
        _barnabas() {
            local line word
            local -a found
            while IFS= read -r line; do
                word=${line%%$'\t'*}
                if [[ $line == *$'\t'* ]]; then
                    found+=("${word//:/\\:}:${line#*$'\t'}")
                else
                    found+=("${word//:/\\:}")
                fi
            done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
            _describe barnabas found
        }
        compdef _barnabas barnabas
        """;

    private const string Fish = """
        # barnabas completion fish
        function __barnabas_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            $words[1] complete -- $words[2..-1] "$current" 2>/dev/null
        end
        complete -c barnabas -f -a '(__barnabas_complete)'
        """;

    private static readonly Argument<string> Shell = new Argument<string>("shell")
    {
        Description = "bash, zsh or fish",
        HelpName = "SHELL",
    }.AcceptOnlyFromAmong("bash", "zsh", "fish").CompletedBy(_ => ["bash", "zsh", "fish"]);

    public static Command Make() => Leaf.Plain(
        "completion", "print the script that makes a shell complete commands", [Shell], Run).With(
        "source <(barnabas completion bash)",
        "barnabas completion bash > ~/.local/share/bash-completion/completions/barnabas",
        "barnabas completion zsh > ~/.zfunc/_barnabas",
        "barnabas completion fish > ~/.config/fish/completions/barnabas.fish");

    private static Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        using var to = new StdOut();
        to.WriteLine(parsed.GetValue(Shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
        return Task.FromResult(ExitCode.Ok);
    }
}
