using System.Net;
using System.Net.Sockets;
using Barnabas.Base.Real;

namespace Barnabas.Bench.Limits;

/// <summary>A server that does the least a broker could do with what it is sent, in one process and one
/// partition: what the machine allows. <c>barnabas bench</c> starts it, and ends it by closing its standard
/// input.</summary>
internal static class Program
{
    private const int Waiting = 512;

    private static async Task<int> Main(string[] args)
    {
        if (args is not [var directory])
        {
            await Console.Error.WriteLineAsync("usage: Limits DIRECTORY");
            return 2;
        }

        RealHost.InlineCompletions();
        Directory.CreateDirectory(directory);
        using var log = new FreshLog(directory);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Waiting);
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        var serving = AcceptAsync(listener, log);
        var ended = Task.Run(() => Console.OpenStandardInput().ReadByte());
        await Task.WhenAny(serving, ended);
        return 0;
    }

    private static async Task AcceptAsync(Socket listener, FreshLog log)
    {
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            _ = new Connection(socket, log).RunAsync();
        }
    }
}
