using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChatMvc.Tests.Deploy;

/// <summary>A real proxy with the file that is shipped for it; only names, ports and the certificate are this test's.</summary>
internal sealed class Proxy : IDisposable
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];
    private static readonly string[] NginxFolders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private readonly string folder = Directory.CreateTempSubdirectory("proxy-").FullName;
    private readonly Process process;

    private Proxy(string kind, Uri app)
    {
        var (port, plain) = (FreePort(), FreePort());
        Address = new Uri($"https://localhost:{port}");
        Certificate = MakeCertificate();
        File.WriteAllText(PathOf("cert.pem"), Certificate.ExportCertificatePem());
        File.WriteAllText(PathOf("key.pem"), Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var start = kind switch { "caddy" => Caddy(app, port), "nginx" => Nginx(app, port, plain), _ => Apache(app, port, plain) };
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }
    public X509Certificate2 Certificate { get; }
    public string Output { get; private set; } = "";

    public static string? WhyNot(string kind) => ProgramOf(kind) is null ? $"{kind} is not installed." : null;

    public static async Task<Proxy> StartAsync(string kind, Uri app)
    {
        var proxy = new Proxy(kind, app);
        var until = DateTime.UtcNow + StartPatience;
        while (true)
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, proxy.Address.Port);
                return proxy;
            }
            catch (SocketException) when (DateTime.UtcNow < until && !proxy.process.HasExited)
            {
                await Task.Delay(50);
            }
            catch (SocketException)
            {
                using (proxy) throw new InvalidOperationException($"{kind} did not start:\n{proxy.Output}");
            }
        }
    }

    public Visitor Visitor() => new(Address, Certificate);

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        Certificate.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private ProcessStartInfo Caddy(Uri app, int port)
    {
        var site = Shipped("Caddyfile", app).Replace("chat.example.com {", $"https://localhost:{port} {{\n\ttls {PathOf("cert.pem")} {PathOf("key.pem")}", StringComparison.Ordinal);
        File.WriteAllText(PathOf("Caddyfile"), $"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}\n}}\n{site}");
        return Starting("caddy", "run", "--config", PathOf("Caddyfile"), "--adapter", "caddyfile");
    }

    private ProcessStartInfo Nginx(Uri app, int port, int plain)
    {
        var site = OwnCertificate(Shipped("nginx.conf", app)).Replace("listen 443 ", $"listen 127.0.0.1:{port} ", StringComparison.Ordinal)
            .Replace("listen 80;", $"listen 127.0.0.1:{plain};", StringComparison.Ordinal);
        site = string.Join('\n', site.Split('\n').Where(line => !line.Contains("listen [::]", StringComparison.Ordinal)));
        File.WriteAllText(PathOf("site.conf"), site);
        var temps = string.Concat(NginxFolders.Select(name => $"{name}_temp_path {PathOf(name)};\n"));
        File.WriteAllText(PathOf("nginx.conf"), $"{(Environment.UserName == "root" ? "user root;" : "")}\ndaemon off;\nworker_processes 1;\npid {PathOf("pid")};\nevents {{}}\nhttp {{\naccess_log off;\n{temps}include {PathOf("site.conf")};\n}}\n");
        return Starting("nginx", "-c", PathOf("nginx.conf"), "-e", "stderr", "-p", folder);
    }

    private ProcessStartInfo Apache(Uri app, int port, int plain)
    {
        var site = OwnCertificate(Shipped("apache.conf", app)).Replace("*:443", $"*:{port}", StringComparison.Ordinal).Replace("*:80", $"*:{plain}", StringComparison.Ordinal);
        string[] modules = ["mpm_event", "authz_core", "alias", "headers", "proxy", "proxy_http", "ssl", "socache_shmcb", "http2"];
        var load = string.Concat(modules.Select(name => $"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
        File.WriteAllText(PathOf("apache.conf"),
            $"ServerRoot {folder}\nServerName localhost\nPidFile {PathOf("pid")}\nErrorLog /dev/stderr\nListen 127.0.0.1:{port}\nListen 127.0.0.1:{plain}\n{load}User nobody\nGroup nogroup\nMutex posixsem\n{site}");
        return Starting("apache2", "-D", "FOREGROUND", "-f", PathOf("apache.conf"));
    }

    private string OwnCertificate(string site) => site
        .Replace("/etc/letsencrypt/live/chat.example.com/fullchain.pem", PathOf("cert.pem"), StringComparison.Ordinal)
        .Replace("/etc/letsencrypt/live/chat.example.com/privkey.pem", PathOf("key.pem"), StringComparison.Ordinal)
        .Replace("chat.example.com", "localhost", StringComparison.Ordinal);

    private static string Shipped(string file, Uri app) =>
        File.ReadAllText(Path.Combine(Repository.Root, "deploy", file)).Replace("127.0.0.1:5000", $"127.0.0.1:{app.Port}", StringComparison.Ordinal);

    private ProcessStartInfo Starting(string kind, params string[] arguments)
    {
        var start = new ProcessStartInfo(ProgramOf(kind)!, arguments) { WorkingDirectory = folder };
        start.Environment["HOME"] = start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = folder;
        return start;
    }

    private static string? ProgramOf(string kind) => Folders.Select(f => Path.Combine(f, kind)).FirstOrDefault(File.Exists);

    private string PathOf(string name) => Path.Combine(folder, name);

    private void Note(string? line)
    {
        if (line is not null && Output.Length < 20_000) Output += line + "\n";
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}

/// <summary>Where this repository stands.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ChatMvc.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
