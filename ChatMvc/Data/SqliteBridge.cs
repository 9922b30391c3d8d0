using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace ChatMvc.Data;

/// <summary>
/// Lets Microsoft.Data.Sqlite 10 run on SQLitePCLRaw 2.0.6, the newest that restores here, and on the
/// system's SQLite, which the distribution patches, before the 3.35.5 bundled with that package.
/// Runs by itself before the first code of this assembly.
/// </summary>
/// <remarks>
/// Delete this file, the three SQLitePCLRaw and Sqlite.Core package lines and the NU1605 and NU1903 exceptions as soon
/// as <c>Microsoft.EntityFrameworkCore.Sqlite</c> 10 restores plainly (it asks for SQLitePCLRaw 2.1.12 or newer).
/// </remarks>
public static class SqliteBridge
{
    private const string Core = "SQLitePCLRaw.core";
    private const string BundledLibrary = "e_sqlite3";
    private const string SystemLibrary = "libsqlite3.so.0";

    /// <summary>3.35.5, the bundled version: an older one of the system's would be a step back.</summary>
    private const int OldestVersion = 3_035_005;

    [ModuleInitializer]
    internal static void Install()
    {
        AssemblyLoadContext.Default.Resolving += ResolveCore;
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, ResolveSqlite);
        SQLitePCL.Batteries_V2.Init();
        CountNoMemory();
    }

    // SQLite counts its memory under one lock for the whole process, which readers on two cores fight over; nobody reads
    // the count. It can be switched off only between a shutdown and the next start.
    private static void CountNoMemory()
    {
        if (SQLitePCL.raw.sqlite3_shutdown() == SQLitePCL.raw.SQLITE_OK)
            SQLitePCL.raw.sqlite3_config(SQLitePCL.raw.SQLITE_CONFIG_MEMSTATUS, 0);
        SQLitePCL.raw.sqlite3_initialize();
    }

    // The loader refuses 2.0.6 where 2.1.13 was asked for; asked for without a version, it gives what is there.
    private static Assembly? ResolveCore(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Core && name.Version is not null
            ? context.LoadFromAssemblyName(new AssemblyName(Core))
            : null;

    // Zero means "not answered": the runtime goes on and finds the bundled library.
    private static nint ResolveSqlite(string library, Assembly assembly, DllImportSearchPath? searchPath) =>
        library == BundledLibrary && NativeLibrary.TryLoad(SystemLibrary, out var system) && IsUsable(system)
            ? system
            : 0;

    private static bool IsUsable(nint library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var version)
        && NativeLibrary.TryGetExport(library, "sqlite3_compileoption_used", out var option)
        && Marshal.GetDelegateForFunctionPointer<VersionNumber>(version)() >= OldestVersion
        && Marshal.GetDelegateForFunctionPointer<CompileOptionUsed>(option)("ENABLE_FTS5") == 1;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int CompileOptionUsed([MarshalAs(UnmanagedType.LPStr)] string name);
}
