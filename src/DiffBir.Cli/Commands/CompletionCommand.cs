using System.CommandLine;
using DiffBir.Cli.Usage;

namespace DiffBir.Cli.Commands;

/// <summary><c>diffbir completion</c>: the script that teaches a shell to complete our commands, options and words.</summary>
internal static class CompletionCommand
{
    private const string Bash = $$"""
        # diffbir for bash. Put into ~/.bashrc: eval "$(diffbir completion bash)"
        _diffbir() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("$1" '{{Suggestions.Directive}}' "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)" -- "$2"))
        }
        complete -o bashdefault -o default -F _diffbir diffbir
        """;

    private const string Zsh = $$"""
        # diffbir for zsh. Put behind compinit into ~/.zshrc: eval "$(diffbir completion zsh)"
        _diffbir() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a found
            found=("${(@f)$("${words[1]}" '{{Suggestions.Directive}}' "$line" 2>/dev/null)}")
            if [[ -n "${found[1]}" ]]; then
                compadd -- "${found[@]}"
            else
                _files
            fi
        }
        compdef _diffbir diffbir
        """;

    private const string Fish = $$"""
        # diffbir for fish. Put into ~/.config/fish/config.fish: diffbir completion fish | source
        function __diffbir_complete
            set -l line (commandline -cp)
            set -l program (string split -m 1 ' ' -- $line)[1]
            set -l found ($program '{{Suggestions.Directive}}' "$line" 2>/dev/null)
            if test (count $found) -gt 0
                printf '%s\n' $found
            else
                __fish_complete_path (commandline -ct)
            end
        end
        complete -c diffbir -f -a '(__diffbir_complete)'
        """;

    private const string PowerShell = $$"""
        # diffbir for PowerShell. Put into $PROFILE: diffbir completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName diffbir -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $program = $commandAst.CommandElements[0].Value
            $line = $commandAst.Extent.Text.PadRight($cursorPosition - $commandAst.Extent.StartOffset)
            $line = $line.Substring(0, $cursorPosition - $commandAst.Extent.StartOffset)
            & $program '{{Suggestions.Directive}}' $line | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
        ["powershell"] = PowerShell,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"{string.Join(", ", Scripts.Keys)}." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { Length: > 0 } name }] && !Scripts.ContainsKey(name))
            {
                result.AddError($"There is no script for {name}. Name one of {string.Join(", ", Scripts.Keys)}.");
            }
        });
        var command = new DocumentedCommand(
            "completion",
            "Writes the script that teaches a shell to complete diffbir's commands and options."
        )
        {
            Examples = ["diffbir completion bash", "diffbir completion powershell"],
        };
        command.Add(shell);
        command.SetAction((parsed, cancellation) => CommandErrors.RunAsync(parsed, Write, cancellation));
        return command;

        int Write(ParseResult parsed, CancellationToken cancellation)
        {
            parsed.InvocationConfiguration.Output.WriteLine(Scripts[parsed.GetRequiredValue(shell)]);
            return ExitCode.Success;
        }
    }
}
