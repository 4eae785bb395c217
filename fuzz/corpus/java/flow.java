String city = (String) arguments.get("city");
if (!(city instanceof String s) || s.isEmpty()) { return error("none"); }
var url = String.format("https://a/%s", city);
System.out.println(url);
try (var in = open(url)) { return result(in.readAllBytes()); } catch (IOException e) { throw new RuntimeException(e); }
