using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Barnabas.Base;
using Barnabas.Base.Real;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Unit.Base;

/// <summary>Connections that are encrypted, and the files that say with whom.</summary>
public sealed class TlsTests : IDisposable
{
    private const int Much = 3_000_000;
    private readonly RealNetwork _network = new(NullLoggerFactory.Instance, new PoolLanes());
    private readonly RealDisk _disk = new();
    private readonly TemporaryDirectory _at = new();
    private readonly X509Certificate2 _own = SelfSigned();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _own.Dispose();
        _at.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task What_is_sent_comes_back(SslProtocols protocol)
    {
        var sent = RandomNumberGenerator.GetBytes(Much);
        await File.WriteAllBytesAsync(_at["file"], sent, Stop);
        using var file = _disk.Open(_at["file"], OpenMode.Read);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var echoing = EchoAsync(listener, protocol);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var dialled = await _network.DialAsync("127.0.0.1", port, Stop);
        var settings = new TlsSettings { Trusted = [_own], Protocols = protocol };
        await using var connection = await _network.EncryptAsync(dialled, settings, "localhost", Stop);
        Assert.Equal(port, connection.Remote.Port);

        // Both ways at a time: what comes back fills the way there until somebody reads.
        var receiving = ReceiveAsync(connection, 2 * Much);
        await connection.SendAsync([sent.AsMemory(0, 10), sent.AsMemory(10, 70_000), sent.AsMemory(70_010)]);
        await connection.SendFileAsync(new FileSlice(file, 0, Much));

        var expected = sent.Concat(sent).ToArray();
        Assert.Equal(expected, await receiving);
        connection.Abort();
        await Assert.ThrowsAsync<IOException>(() => connection.ReceiveAsync(new byte[1]).AsTask());
        await echoing;
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialled = await _network.DialAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, Stop);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var encrypting = _network.EncryptAsync(dialled, new TlsSettings(), "localhost", late.Token).AsTask();
        await late.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => encrypting);
    }

    [Fact]
    public void Stores_are_read_whatever_they_are_called()
    {
        using var key = _own.GetRSAPrivateKey()!;
        var terms = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000);
        var pem = _own.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem();
        var sealedPem = _own.ExportCertificatePem() + "\n" + key.ExportEncryptedPkcs8PrivateKeyPem("secret", terms);
        var stores = new (byte[] Bytes, string? Password)[]
        {
            (Encoding.ASCII.GetBytes(pem), null), (Encoding.ASCII.GetBytes(sealedPem), "secret"),
            (_own.Export(X509ContentType.Pkcs12, "secret"), "secret"),
        };
        foreach (var (bytes, password) in stores)
        {
            File.WriteAllBytes(_at["a.jks"], bytes);
            var identity = KeyStore.ReadIdentity(_disk, _at["a.jks"], password);
            Assert.Equal(_own.Thumbprint, identity.TargetCertificate.Thumbprint);
            Assert.True(identity.TargetCertificate.HasPrivateKey);
            var trusted = Assert.Single(KeyStore.ReadTrusted(_disk, _at["a.jks"], password));
            Assert.Equal(_own.Thumbprint, trusted.Thumbprint);
        }
    }

    [Theory]
    [InlineData("jks", "is of Java's format JKS, which only Java reads. Convert it: keytool -importkeystore")]
    [InlineData("no key", "holds no private key")]
    [InlineData("other password", "cannot be read, or its password is another")]
    [InlineData("rubbish", "cannot be read, or its password is another")]
    public void Stores_that_are_none_are_refused(string fault, string said)
    {
        var bytes = fault switch
        {
            "jks" => new byte[] { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2 },
            "no key" => Encoding.ASCII.GetBytes(_own.ExportCertificatePem()),
            "other password" => _own.Export(X509ContentType.Pkcs12, "secret"),
            _ => [1, 2, 3],
        };
        File.WriteAllBytes(_at["store"], bytes);

        var refused = Assert.Throws<IOException>(() => KeyStore.ReadIdentity(_disk, _at["store"], "wrong"));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    private async Task EchoAsync(TcpListener listener, SslProtocols protocol)
    {
        using var client = await listener.AcceptTcpClientAsync(Stop);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = _own, EnabledSslProtocols = protocol }, Stop);
        var buffer = new byte[50_000];
        for (var left = 2 * Much; left > 0;)
        {
            var read = await stream.ReadAsync(buffer, Stop);
            await stream.WriteAsync(buffer.AsMemory(0, read), Stop);
            left -= read;
        }
    }

    private static async Task<byte[]> ReceiveAsync(IConnection connection, int length)
    {
        var received = new byte[length];
        for (var at = 0; at < length;)
        {
            Assert.Equal(0, await connection.ReceiveAsync(Memory<byte>.Empty));
            var read = await connection.ReceiveAsync(received.AsMemory(at));
            Assert.NotEqual(0, read);
            at += read;
        }

        return received;
    }

    private static X509Certificate2 SelfSigned()
    {
        var request = new CertificateRequest(
            "CN=localhost", RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(
            own.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
