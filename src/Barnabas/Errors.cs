using System.CommandLine;
using System.Net.Sockets;
using Barnabas.Base;
using Barnabas.Bench;
using Barnabas.Client;
using Barnabas.Wire;

namespace Barnabas.Cli;

/// <summary>Turns what goes wrong into a message that names the fix, and an exit code.</summary>
internal static class Errors
{
    /// <summary>Runs a command.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run, ParseResult parsed, Interrupts interrupts)
    {
        try
        {
            return await run();
        }
        catch (CliException fault)
        {
            return Say(fault.Message, fault.Code);
        }
        catch (BrokersUnreachableException fault)
        {
            return Say(Unreachable(fault), ExitCode.Unreachable);
        }
        catch (KafkaException fault)
        {
            return Say(Explain(fault, parsed), ExitCode.Of(fault));
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (OperationCanceledException)
        {
            return Say("no answer in time; --timeout gives it longer", ExitCode.Unreachable);
        }
        catch (StdOutClosedException)
        {
            return ExitCode.BrokenPipe;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or LoadException
            or MalformedFrameException)
        {
            return Say(fault.Message, ExitCode.Failed);
        }
    }

    /// <summary>Writes a message to stderr.</summary>
    public static int Say(string message, int code)
    {
        Console.Error.WriteLine($"barnabas: {message}");
        return code;
    }

    /// <summary>The words of a client's error, without the protocol's name in front.</summary>
    public static string Words(KafkaException fault)
    {
        var name = $"{fault.Code.KafkaName()}: ";
        return fault.Message.StartsWith(name, StringComparison.Ordinal) ? fault.Message[name.Length..] : fault.Message;
    }

    private static string Unreachable(BrokersUnreachableException fault)
    {
        var addresses = string.Join(", ", fault.Addresses);
        var refused = fault.InnerException is { } inner && IsRefused(inner);
        return refused
            ? $"nobody listens at {addresses}\nis a broker running? start one with: ./barnabas start"
            : $"{Words(fault)}\ncheck the address (-b HOST:PORT, or BARNABAS_BROKERS)";
    }

    private static bool IsRefused(Exception fault) =>
        fault is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
        || fault.Message.Contains("refused", StringComparison.OrdinalIgnoreCase)
        || (fault.InnerException is { } inner && IsRefused(inner));

    private static string Explain(KafkaException fault, ParseResult parsed)
    {
        var words = $"{Words(fault)} ({fault.Code.KafkaName()})";
        return fault.Code switch
        {
            ErrorCode.NetworkException or ErrorCode.RequestTimedOut =>
                $"{words}\nis {parsed.GetValue(GlobalOptions.BootstrapServer)} the right address?",
            ErrorCode.NotEnoughReplicas =>
                $"{words}\nfewer replicas are in sync than min.insync.replicas asks for: see 'barnabas topic describe'",
            ErrorCode.UnsupportedVersion => $"{words}\nsee what it serves with 'barnabas cluster api-versions'",
            ErrorCode.MessageTooLarge =>
                $"{words}\nraise max.message.bytes of the topic, and max.request.size with -X",
            _ => words,
        };
    }
}
