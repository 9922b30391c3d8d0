using System.Globalization;
using System.Text;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>A page of some lines of plain ASCII, as PDF.</summary>
internal static class StripePdf
{
    public static byte[] Of(IEnumerable<string> lines)
    {
        var text = $"BT /F1 14 Tf 72 760 Td 22 TL {string.Concat(lines.Select(line => $"({Escaped(line)}) Tj T* "))}ET";
        var pdf = new StringBuilder("%PDF-1.4\n");
        var places = new List<int>();
        foreach (var part in new[]
        {
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            $"<< /Length {text.Length} >>\nstream\n{text}\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        })
        {
            places.Add(pdf.Length);
            pdf.Append(CultureInfo.InvariantCulture, $"{places.Count} 0 obj\n{part}\nendobj\n");
        }
        var table = pdf.Length;
        pdf.Append(CultureInfo.InvariantCulture, $"xref\n0 {places.Count + 1}\n0000000000 65535 f \n");
        foreach (var place in places) pdf.Append(CultureInfo.InvariantCulture, $"{place:0000000000} 00000 n \n");
        pdf.Append(CultureInfo.InvariantCulture, $"trailer << /Size {places.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return Encoding.ASCII.GetBytes(pdf.ToString());
    }

    private static string Escaped(string line) => line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);
}
